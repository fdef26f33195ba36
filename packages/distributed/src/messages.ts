import type { World } from './world';

const LENGTH_BYTES = 8;

/** Sends bytes whose number the receiver does not know; see {@link receiveMessage}. */
export async function sendMessage(world: World, message: Uint8Array, to: number): Promise<void> {
  const header = new Uint8Array(LENGTH_BYTES);
  new DataView(header.buffer).setBigUint64(0, BigInt(message.length));
  await world.send(header, to);
  if (message.length > 0) await world.send(message, to);
}

/** What rank `from` sent by {@link sendMessage}. */
export async function receiveMessage(world: World, from: number): Promise<Uint8Array> {
  const header = new Uint8Array(LENGTH_BYTES);
  await world.receive(header, from);
  const message = new Uint8Array(Number(new DataView(header.buffer).getBigUint64(0)));
  if (message.length > 0) await world.receive(message, from);
  return message;
}
