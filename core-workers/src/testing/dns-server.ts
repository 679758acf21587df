import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { Resolver } from 'node:dns/promises';

const TYPE_A = 1;
const TYPE_PTR = 12;
const NO_SUCH_NAME = 3;

export interface DnsServer {
  /** Asks this server alone. */
  readonly resolver: Resolver;
  /** Names that were asked for, in order. */
  readonly asked: readonly string[];
  readonly stop: () => Promise<void>;
}

/**
 * A small DNS server (RFC 1035) on loopback: names of addresses, and addresses of names.
 * @param silent names that get no answer
 */
export async function startDnsServer(
  records: { readonly names: Readonly<Record<string, string>>; readonly addresses: Readonly<Record<string, string>> },
  silent: readonly string[] = [],
): Promise<DnsServer> {
  const socket = createSocket('udp4');
  const asked: string[] = [];
  socket.on('message', (query, peer) => {
    const name = readName(query);
    asked.push(name);
    if (!silent.includes(name)) socket.send(answer(query, name, records), peer.port, peer.address);
  });
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  const resolver = new Resolver({ timeout: 300, tries: 1 });
  resolver.setServers([`127.0.0.1:${socket.address().port}`]);
  return {
    resolver,
    asked,
    stop: async () => {
      socket.close();
      await once(socket, 'close');
    },
  };
}

function answer(
  query: Buffer,
  name: string,
  { names, addresses }: { names: Readonly<Record<string, string>>; addresses: Readonly<Record<string, string>> },
): Buffer {
  const questionEnd = 12 + encodeName(name).length + 4;
  const type = query.readUInt16BE(questionEnd - 4);
  const data = type === TYPE_PTR ? namesOf(names[toAddress(name)]) : addressOf(addresses[name]);
  const head = Buffer.alloc(12);
  query.copy(head, 0, 0, 2);
  head.writeUInt16BE(0x8180 | (data === null ? NO_SUCH_NAME : 0), 2);
  head.writeUInt16BE(1, 4);
  head.writeUInt16BE(data === null ? 0 : 1, 6);
  const question = query.subarray(12, questionEnd);
  if (data === null) return Buffer.concat([head, question]);
  const record = Buffer.alloc(12);
  record.writeUInt16BE(0xc00c, 0);
  record.writeUInt16BE(type === TYPE_PTR ? TYPE_PTR : TYPE_A, 2);
  record.writeUInt16BE(1, 4);
  record.writeUInt32BE(60, 6);
  record.writeUInt16BE(data.length, 10);
  return Buffer.concat([head, question, record, data]);
}

function namesOf(name: string | undefined): Buffer | null {
  return name === undefined ? null : encodeName(name);
}

function addressOf(address: string | undefined): Buffer | null {
  return address === undefined ? null : Buffer.from(address.split('.').map(Number));
}

/** `7.113.0.203.in-addr.arpa` stands for 203.0.113.7. */
function toAddress(name: string): string {
  return name.split('.').slice(0, 4).toReversed().join('.');
}

function encodeName(name: string): Buffer {
  const labels = name.split('.').map((label) => Buffer.concat([Buffer.from([label.length]), Buffer.from(label)]));
  return Buffer.concat([...labels, Buffer.from([0])]);
}

function readName(query: Buffer): string {
  const labels: string[] = [];
  let at = 12;
  for (let length = query.readUInt8(at); length > 0; length = query.readUInt8(at)) {
    labels.push(query.toString('latin1', at + 1, at + 1 + length));
    at += length + 1;
  }
  return labels.join('.');
}
