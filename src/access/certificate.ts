import type { X509Certificate } from 'node:crypto';
import type { Micros } from '../domain/time.js';
import { MILLISECOND } from '../domain/time.js';

/** By what a certificate can be named: its common name, or one of the names of its subject. */
const NAMED_BY = /^(?:CN=|DNS:|URI:|email:|IP Address:)./;

/** Whether that is how the file of callers names a certificate, such as `CN=ci` or `DNS:ci.example.com`. */
export function namesCertificate(text: string): boolean {
  return NAMED_BY.test(text);
}

/** All that a certificate can be named by. */
export function namesOf(certificate: X509Certificate): string[] {
  const { CN: common } = certificate.toLegacyObject().subject as { CN?: unknown };
  const names = typeof common === 'string' ? [`CN=${common}`] : [];
  // Where a name has something in it that could pass for the beginning of another, Node has it between quotes.
  for (const [name] of (certificate.subjectAltName ?? '').matchAll(/(?:[^",]|"(?:[^"\\]|\\.)*")+/g)) {
    const [, kind = '', rest = ''] = /^\s*([^:]+):(.*)$/s.exec(name) ?? [];
    names.push(`${kind}:${rest.startsWith('"') ? textIn(rest) : rest}`);
  }
  return names;
}

function textIn(quoted: string): string {
  try {
    return String(JSON.parse(quoted));
  } catch {
    return quoted;
  }
}

/** When it ends. */
export function endOf(certificate: X509Certificate): Micros {
  return Date.parse(certificate.validTo) * MILLISECOND;
}
