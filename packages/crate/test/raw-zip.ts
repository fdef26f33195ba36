import { type JsonValue, sha256 } from '@pixelis/core';
import { crc32, deflateRawSync } from 'node:zlib';

/** A member as it is written, right or wrong. */
export interface RawMember {
  name: string | Uint8Array;
  data: string | Uint8Array;
  isDeflated?: boolean;
  /** What the headers say instead of the truth. */
  method?: number;
  flags?: number;
  unixMode?: number;
  declaredBytes?: number;
}

/** A zip made by hand, so that it can be as wrong as one likes. */
export function rawZip(members: readonly RawMember[]): Buffer {
  const bodies: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const member of members) {
    const name = Buffer.from(member.name);
    const data = Buffer.from(member.data);
    const packed = member.isDeflated === true ? deflateRawSync(data) : data;
    const header = Buffer.alloc(26);
    header.writeUInt16LE(20, 0);
    header.writeUInt16LE(member.flags ?? 0x800, 2);
    header.writeUInt16LE(member.method ?? (member.isDeflated === true ? 8 : 0), 4);
    header.writeUInt32LE(crc32(data), 10);
    header.writeUInt32LE(packed.length, 14);
    header.writeUInt32LE(member.declaredBytes ?? data.length, 18);
    header.writeUInt16LE(name.length, 22);
    const body = Buffer.concat([Buffer.from('PK\x03\x04'), header, name, packed]);
    const rest = Buffer.alloc(14);
    rest.writeUInt32LE(((member.unixMode ?? 0o100644) << 16) >>> 0, 6);
    rest.writeUInt32LE(offset, 10);
    directory.push(Buffer.from('PK\x01\x02\x3f\x03'), header, rest, name);
    bodies.push(body);
    offset += body.length;
  }
  const list = Buffer.concat(directory);
  const end = Buffer.alloc(18);
  end.writeUInt16LE(members.length, 4);
  end.writeUInt16LE(members.length, 6);
  end.writeUInt32LE(list.length, 8);
  end.writeUInt32LE(offset, 12);
  return Buffer.concat([...bodies, list, Buffer.from('PK\x05\x06'), end]);
}

/** Members and an index that fits them, but for what is overridden. */
export function crateOf(
  members: readonly RawMember[],
  overrides: Readonly<Record<string, JsonValue>> = {},
): Buffer {
  const all = [{ name: 'ro-crate-metadata.json', data: '{}' }, ...members];
  const index = {
    crate_version: 1,
    members: all.map(({ name, data }) => ({
      path: Buffer.from(name).toString(),
      sha256: sha256(data),
      bytes: Buffer.from(data).length,
    })),
    runs: [],
    artifacts: [],
    ...overrides,
  };
  return rawZip([{ name: 'pixelis-crate.json', data: JSON.stringify(index) }, ...all]);
}
