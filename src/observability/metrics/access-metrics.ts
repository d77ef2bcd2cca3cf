import { Injectable, Optional } from '@nestjs/common';
import { Counter, Registry } from 'prom-client';
import { Audit, DOORS, SIGN_IN_DOORS, SIGN_INS } from '../../access/audit.js';
import { RIGHTS } from '../../access/right.js';

/** Who was let in, and who was not. */
@Injectable()
export class AccessMetrics {
  constructor(registry: Registry, @Optional() audit?: Audit) {
    if (!audit) return;
    const registers = [registry];
    new Counter({
      name: 'coordinate_sign_ins_total',
      help: 'Tokens, and sessions that were to begin: accepted, refused (not known), limited (not known, too often from that address)',
      labelNames: ['door', 'outcome'],
      registers,
      collect() {
        this.reset();
        for (const door of SIGN_IN_DOORS)
          for (const outcome of SIGN_INS) this.inc({ door, outcome }, audit.signIns[door][outcome]);
      },
    });
    new Counter({
      name: 'coordinate_denied_total',
      help: 'Requests refused to callers that are known, by the right that they did not have',
      labelNames: ['door', 'right'],
      registers,
      collect() {
        this.reset();
        for (const door of DOORS) for (const right of RIGHTS) this.inc({ door, right }, audit.denied[door][right]);
      },
    });
  }
}
