import {
  appendFileSync,
  chmodSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { useTemporaryFolder } from '../../test/temporary-folder';
import { uuidV7 } from '../runs/uuid-v7';
import { ArtifactManager } from './artifact-manager';

const temporaryFolder = useTemporaryFolder();

async function aCatalog(): Promise<ArtifactManager> {
  const manager = ArtifactManager.open({ root: temporaryFolder(), rank: 0 });
  const run = { runId: 'a', runUuid: uuidV7() };
  await manager.put('x', { 'a.txt': Buffer.from('shared'), 'b.txt': Buffer.from('only x') });
  await manager.use('x', { run });
  await manager.put('y', { 'sub/c.txt': Buffer.from('shared') }, { run });
  await manager.put('y', { 'sub/c.txt': Buffer.from('y 2') }, { run });
  return manager;
}

function v1(manager: ArtifactManager, ...path: string[]): string {
  return join(manager.root, 'store', 'v1', ...path);
}

/** Where the content lies, whatever form the store gave it. */
function blobOf(manager: ArtifactManager, sha256: string): string {
  const blobs = readdirSync(v1(manager, 'blobs'), { recursive: true, encoding: 'utf8' });
  return v1(
    manager,
    'blobs',
    blobs.find((name) => name.includes(sha256))!,
  );
}

async function addressOf(manager: ArtifactManager, spec: string, path: string): Promise<string> {
  const files = await manager.files(manager.resolve(spec));
  return files.find((file) => file.path === path)!.sha256;
}

describe('verify()', () => {
  it('finds nothing wrong with what is whole', async () => {
    const manager = await aCatalog();
    expect(await manager.verify()).toMatchObject({
      isIntact: true,
      hurt: [],
      histories: [],
      logs: [],
    });
  });

  it('names every version and file that damaged content hurts', async () => {
    const manager = await aCatalog();
    const sha256 = await addressOf(manager, 'x', 'a.txt');
    const blob = blobOf(manager, sha256);
    const bytes = readFileSync(blob);
    bytes[2]! ^= 0x10;
    chmodSync(blob, 0o644);
    writeFileSync(blob, bytes);
    const found = await manager.verify();
    expect(found.isIntact).toBe(false);
    expect(found.hurt).toMatchObject([
      { artifact: { name: 'x', version: '1.0.0' }, path: 'a.txt', sha256, fault: 'damaged' },
      { artifact: { name: 'y', version: '1.0.0' }, path: 'sub/c.txt', sha256, fault: 'damaged' },
    ]);
    await manager.put('again', { a: Buffer.from('shared') });
    expect(await manager.verify()).toMatchObject({ isIntact: true });
  });

  it('names what missing content hurts, and a version whose tree is lost as a whole', async () => {
    const manager = await aCatalog();
    const sha256 = await addressOf(manager, 'x', 'b.txt');
    const { digest } = manager.resolve('y:v1');
    rmSync(blobOf(manager, sha256));
    rmSync(blobOf(manager, digest));
    expect((await manager.verify()).hurt).toMatchObject([
      { artifact: { name: 'x' }, path: 'b.txt', sha256, fault: 'missing' },
      { artifact: { name: 'y', version: '1.0.0' }, path: null, sha256: digest, fault: 'missing' },
    ]);
  });

  it('finds a changed entry, although this process has read it before', async () => {
    const manager = await aCatalog();
    const path = v1(manager, 'artifacts', 'y', '000001.json');
    writeFileSync(path, readFileSync(path, 'utf8').replace('"bytes":6', '"bytes":7'));
    expect(await manager.verify()).toMatchObject({
      isIntact: false,
      histories: [
        { name: 'y', message: expect.stringContaining('000002.json does not follow') as unknown },
      ],
    });
  });

  it('finds a history whose end was cut off by the logs that name it', async () => {
    const manager = await aCatalog();
    rmSync(v1(manager, 'artifacts', 'y', '000002.json'));
    expect((await manager.verify()).histories).toEqual([
      { name: 'y', message: 'y:2.0.0 is named by a log, but by no history' },
    ]);
  });

  it('finds a damaged line of a log, but takes a torn last line for what it is', async () => {
    const manager = await aCatalog();
    const [name] = readdirSync(v1(manager, 'log'));
    const path = v1(manager, 'log', name!);
    appendFileSync(path, '{"torn":');
    expect(await manager.verify()).toMatchObject({ isIntact: true });
    writeFileSync(path, readFileSync(path, 'utf8').replace('"produced"', '"profuced"'));
    expect(await manager.verify()).toMatchObject({ isIntact: false, logs: [{ path, line: 2 }] });
  });
});
