import { Module } from '@nestjs/common';
import { SessionsModule } from '../sessions.module.js';
import { SessionController } from './session.controller.js';
import { SignInController } from './sign-in.controller.js';

@Module({ imports: [SessionsModule], controllers: [SessionController, SignInController] })
export class SessionsRestModule {}
