import { randomBytes } from 'node:crypto';

/** Options of {@link uuidV7}. */
export interface UuidV7Options {
  /** The moment that the identifier names, to the millisecond. @default the present */
  now?: Date;
}

/** A UUID of version 7: 48 bits of Unix time in milliseconds, 74 bits of randomness (RFC 9562, section 5.7). */
export function uuidV7(options: UuidV7Options = {}): string {
  const { now = new Date() } = options;
  const bytes = randomBytes(16);
  bytes.writeUIntBE(now.getTime(), 0, 6);
  bytes.writeUInt8(0x70 | (bytes.readUInt8(6) & 0x0f), 6);
  bytes.writeUInt8(0x80 | (bytes.readUInt8(8) & 0x3f), 8);
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}
