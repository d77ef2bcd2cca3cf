import { type DynamicModule, Module } from '@nestjs/common';
import { asksWho, type Config } from '../config/config.js';
import { Audit } from './audit.js';
import { Callers } from './callers.js';
import { CallersWatch } from './callers-watch.js';

/** Who may do what: for both interfaces, whichever of them there are. */
@Module({})
export class AccessModule {
  /** @throws ConfigError when the callers of the configuration are not right */
  static forRoot({ namespace, auth }: Pick<Config, 'namespace'> & Partial<Pick<Config, 'auth'>>): DynamicModule {
    const audit = new Audit(auth !== undefined && asksWho(auth));
    const callers = new Callers(namespace, auth, audit);
    const watched = auth?.tokens;
    return {
      module: AccessModule,
      global: true,
      providers: [
        { provide: Audit, useValue: audit },
        { provide: Callers, useValue: callers },
        ...(watched === undefined
          ? []
          : [{ provide: CallersWatch, useFactory: () => new CallersWatch(callers, watched) }]),
      ],
      exports: [Audit, Callers],
    };
  }
}
