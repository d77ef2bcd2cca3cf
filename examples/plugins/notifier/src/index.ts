import { definePlugin, EventObserver, Injectable, Module, type WorkEvent } from 'coordinate-daemon/plugin';
import { settingsIn } from './settings.js';
import { Webhook } from './webhook.js';

const webhook = new Webhook(settingsIn(process.env));

/** Posts each work spec that is drained, and each that begins to fail. What it throws the daemon logs. */
@Injectable()
class Notifier extends EventObserver {
  override async observe(event: WorkEvent): Promise<void> {
    if (event.type === 'drained' || event.type === 'failing') await webhook.post(event);
  }
}

@Module({ providers: [Notifier] })
class NotifierModule {}

export default definePlugin({ name: 'notifier', madeFor: '1.0', module: NotifierModule, observers: [Notifier] });
