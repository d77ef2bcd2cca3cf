import { CborRpcClient, type Data } from 'coordinate-client';

/** What prepares a measurement and looks at what came of it, over CBOR-RPC. */
export class Control {
  private readonly client: CborRpcClient;

  constructor(port: number) {
    this.client = new CborRpcClient({ address: `127.0.0.1:${port}` });
  }

  /** Makes work specs, each given by its data dictionary. */
  async setWorkSpecs(...specs: readonly Data[]): Promise<void> {
    for (const spec of specs) {
      const [isSet, message] = await this.client.call('set_work_spec', spec);
      if (!isSet) throw new Error(`set_work_spec: ${message}`);
    }
  }

  /** Units of a spec by the number of their state: 1 available, 3 pending, 4 finished, 5 failed. */
  async counts(spec: string): Promise<Map<number, number>> {
    const [counts] = await this.client.call('count_work_units', spec);
    return counts;
  }

  close(): void {
    this.client.close();
  }
}
