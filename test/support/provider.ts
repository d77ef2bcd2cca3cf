import { createHash, randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, type JWK, type JWTPayload, SignJWT } from 'jose';

const KID = 'provider';
type Keys = Awaited<ReturnType<typeof generateKeyPair>>;

/** A code that has been given out, and what it is for. */
interface Given {
  readonly nonce: string;
  readonly challenge: string;
  readonly redirectUri: string;
}

/** As much of an OpenID provider as it takes to try what an honest one never does. Everybody is signed in there already. */
export class Provider {
  readonly clientId = 'coordinate-dashboard';
  readonly secret = 'a secret of the client';
  /** What it says of whoever signs in, in the token and, asked for more, besides. */
  claims: JWTPayload = { sub: 'ann', name: 'Ann Example' };
  more: JWTPayload | undefined;
  /** What it signs instead of what is right. */
  wrong: JWTPayload = {};
  /** By what it signs instead of its own key. */
  wrongKey: Keys['privateKey'] | undefined;
  isAway = false;
  /** Answers of its token endpoint, by status. */
  readonly answered: number[] = [];
  private readonly codes = new Map<string, Given>();

  private constructor(
    readonly url: string,
    private readonly server: Server,
    private readonly keys: Keys,
    private readonly jwk: JWK,
  ) {}

  static async start(): Promise<Provider> {
    const keys = await generateKeyPair('RS256', { extractable: true });
    const jwk = { ...(await exportJWK(keys.publicKey)), kid: KID, alg: 'RS256' };
    const server = createServer((request, answer) => void provider.serve(request, answer));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const provider = new Provider(`http://127.0.0.1:${port}`, server, keys, jwk);
    return provider;
  }

  close(): void {
    this.server.close();
    this.server.closeAllConnections();
  }

  /** A token that it has signed, as programs have them. */
  sign(claims: JWTPayload = {}): Promise<string> {
    const right = { iss: this.url, aud: 'coordinate', exp: Math.floor(Date.now() / 1000) + 300 };
    return new SignJWT({ ...right, ...this.claims, ...claims })
      .setProtectedHeader({ alg: 'RS256', kid: KID })
      .sign(this.wrongKey ?? this.keys.privateKey);
  }

  private async serve(request: IncomingMessage, answer: ServerResponse): Promise<void> {
    if (this.isAway) return void answer.destroy();
    const { pathname, searchParams: query } = new URL(request.url!, this.url);
    const json = (status: number, body: unknown): void => {
      answer.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    };
    if (pathname === '/.well-known/openid-configuration') {
      return json(200, {
        issuer: this.url,
        authorization_endpoint: `${this.url}/authorize`,
        token_endpoint: `${this.url}/token`,
        jwks_uri: `${this.url}/keys`,
        ...(this.more && { userinfo_endpoint: `${this.url}/userinfo` }),
        response_types_supported: ['code'],
        subject_types_supported: ['public'],
        id_token_signing_alg_values_supported: ['RS256'],
        code_challenge_methods_supported: ['S256'],
      });
    }
    if (pathname === '/keys') return json(200, { keys: [this.jwk] });
    if (pathname === '/userinfo') return json(200, { sub: this.claims.sub, ...this.more });
    if (pathname === '/authorize') {
      const back = new URL(query.get('redirect_uri')!);
      back.searchParams.set('state', query.get('state')!);
      back.searchParams.set('code', this.give(query));
      return void answer.writeHead(302, { location: back.href }).end();
    }
    const [status, body] = await this.exchange(request);
    this.answered.push(status);
    json(status, body);
  }

  private give(query: URLSearchParams): string {
    const code = randomBytes(16).toString('hex');
    const [nonce, challenge, redirectUri] = ['nonce', 'code_challenge', 'redirect_uri'].map((name) => query.get(name)!);
    this.codes.set(code, { nonce, challenge, redirectUri });
    return code;
  }

  private async exchange(request: IncomingMessage): Promise<[status: number, body: unknown]> {
    let text = '';
    for await (const chunk of request) text += String(chunk);
    const form = new URLSearchParams(text);
    const pair = Buffer.from((request.headers.authorization ?? '').replace('Basic ', ''), 'base64').toString();
    const [id, secret] = pair.split(':').map((part) => decodeURIComponent(part.replaceAll('+', '%20')));
    if (id !== this.clientId || secret !== this.secret) return [401, { error: 'invalid_client' }];
    const code = form.get('code') ?? '';
    const given = this.codes.get(code);
    this.codes.delete(code);
    const challenge = createHash('sha256')
      .update(form.get('code_verifier') ?? '')
      .digest('base64url');
    if (given?.challenge !== challenge || given.redirectUri !== form.get('redirect_uri')) {
      return [400, { error: 'invalid_grant' }];
    }
    const claims = { iat: Math.floor(Date.now() / 1000), nonce: given.nonce, aud: this.clientId, ...this.wrong };
    return [200, { access_token: 'access', token_type: 'Bearer', id_token: await this.sign(claims) }];
  }
}
