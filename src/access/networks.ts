import { BlockList, isIP } from 'node:net';

/** Some of the addresses there are. */
export class Networks {
  private readonly list = new BlockList();

  /** @param networks - `ADDRESS/BITS`, or an address alone, as `parseNetworks` has checked them */
  constructor(networks: Iterable<string>) {
    for (const network of networks) {
      const [address = '', bits] = network.split('/');
      const family = isIP(address) === 6 ? 'ipv6' : 'ipv4';
      if (bits === undefined) this.list.addAddress(address, family);
      else this.list.addSubnet(address, Number(bits), family);
    }
  }

  /** @param address - an IPv4 address may be written as IPv6 has it, which sockets do that take both */
  has(address: string): boolean {
    const version = isIP(address);
    return version !== 0 && this.list.check(address, version === 6 ? 'ipv6' : 'ipv4');
  }
}
