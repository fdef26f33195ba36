import { appendFileSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { jsonOf } from '../support/expect-json';
import { copyRuns, recordRuns } from '../support/record-runs';
import { runPixelis } from '../support/run-pixelis';
import { useTemporaryFolder } from '../support/temporary-folder';

const temporaryFolder = useTemporaryFolder();
const cwd = temporaryFolder();
const signed = temporaryFolder();
const key = join(cwd, 'key.pem');
const publicKey = `${key}.pub`;

beforeAll(async () => {
  await recordRuns(cwd);
  await runPixelis(['generate-key', key], { cwd });
  copyRuns(cwd, signed);
  const provenance = join(signed, 'provenance.json');
  const args = ['sign', 'a-train', '--key', key, '--provenance', provenance];
  const { stdout } = await runPixelis(args, { cwd: signed });
  expect(stdout).toMatch(/^signed a-train: out.runs.a-train.model\.sig\nprovenance: .*\.json\n$/);
});

describe('pixelis generate-key', () => {
  it('makes a pair of keys, the private one readable by its owner alone', async () => {
    const folder = temporaryFolder();
    const made = jsonOf(await runPixelis(['generate-key', 'k', '--curve', 'P-384', '--json'], { cwd: folder }));
    expect(made).toEqual({ private_key: 'k', public_key: 'k.pub', hint: expect.stringMatching(/^[0-9a-f]{64}$/) as string });
    if (process.platform !== 'win32') expect(statSync(join(folder, 'k')).mode & 0o777).toBe(0o600);
    expect(readFileSync(join(folder, 'k.pub'), 'utf8')).toMatch(/^-----BEGIN PUBLIC KEY-----/);
  }); // prettier-ignore

  it('never writes over a key', async () => {
    const before = readFileSync(key);
    const { code, stderr } = await runPixelis(['generate-key', key], { cwd });
    expect(code).toBe(2);
    expect(stderr).toMatch(/is there already\nremedy: /);
    expect(readFileSync(key)).toEqual(before);
  });

  it('encrypts with PIXELIS_KEY_PASSPHRASE, without which the key cannot sign', async () => {
    const folder = copyRuns(cwd, temporaryFolder());
    const sign = ['sign', 'a-train', '--key', 'k'];
    process.env['PIXELIS_KEY_PASSPHRASE'] = 'correct horse';
    try {
      const { stdout } = await runPixelis(['generate-key', 'k'], { cwd: folder });
      expect(stdout).toMatch(/^private key {2}k, encrypted$/m);
      expect((await runPixelis(sign, { cwd: folder })).code).toBe(0);
      process.env['PIXELIS_KEY_PASSPHRASE'] = 'wrong';
      expect((await runPixelis(sign, { cwd: folder })).code).toBe(2);
    } finally {
      delete process.env['PIXELIS_KEY_PASSPHRASE'];
    }
    expect((await runPixelis(sign, { cwd: folder })).code).toBe(2);
  });
});

describe('pixelis sign and verify-signature', () => {
  it('find a signed run as it was signed, with its provenance', async () => {
    const args = ['verify-signature', 'a-train', '--public-key', publicKey];
    const { code, stdout } = await runPixelis([...args, '--provenance', 'provenance.json'], { cwd: signed });
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'a-train is as it was signed\n' });
    const json = jsonOf(await runPixelis([...args, '--json'], { cwd: signed }));
    expect(json).toEqual({ target: 'a-train', is_valid: true, problems: [] });
  }); // prettier-ignore

  it.each<[string, RegExp, (folder: string) => void]>([
    ['a changed file', /^metrics\.jsonl /m, (run) => appendFileSync(join(run, 'metrics.jsonl'), '{"step":2}\n')],
    ['a file that was added', /^extra\.txt /m, (run) => writeFileSync(join(run, 'extra.txt'), 'x')],
    ['another signature', /^the signature: /m, (run) => writeFileSync(join(run, 'model.sig'), '{}')],
  ])('end with 5 at %s', async (_, says, tamper) => {
    const copy = copyRuns(signed, temporaryFolder());
    tamper(join(copy, 'out', 'runs', 'a-train'));
    const args = ['verify-signature', 'a-train', '--public-key', publicKey];
    const { code, stdout } = await runPixelis(args, { cwd: copy });
    expect(code).toBe(5);
    expect(stdout).toMatch(says);
    const json = await runPixelis([...args, '--json'], { cwd: copy });
    expect(json.code).toBe(5);
    expect(jsonOf(json)).toMatchObject({ is_valid: false });
    const audit = await runPixelis(['runs', 'audit', 'a-train', '--public-key', publicKey], { cwd: copy });
    expect(audit.code).toBe(5);
  }); // prettier-ignore

  it('end with 5 at a provenance that is not signed by this key', async () => {
    const copy = copyRuns(signed, temporaryFolder());
    writeFileSync(join(copy, 'provenance.json'), '{"payload":""}');
    const args = ['verify-signature', 'a-train', '--public-key', publicKey, '--provenance', 'provenance.json'];
    expect((await runPixelis(args, { cwd: copy })).code).toBe(5);
  }); // prettier-ignore

  it('end with 5 at another key', async () => {
    const folder = temporaryFolder();
    await runPixelis(['generate-key', 'other'], { cwd: folder });
    const args = ['verify-signature', 'a-train', '--public-key', join(folder, 'other.pub')];
    expect((await runPixelis(args, { cwd: signed })).code).toBe(5);
  });

  it('take an artifact and a folder too', async () => {
    const copy = copyRuns(cwd, temporaryFolder());
    const artifact = jsonOf(await runPixelis(['sign', 'model-cats:v1', '--key', key, '--json'], { cwd: copy }));
    expect(artifact).toMatchObject({ target: 'model-cats', signature: 'model-cats-1.0.0.sig', provenance: null });
    const check = ['verify-signature', 'model-cats', '--public-key', publicKey];
    expect((await runPixelis(check, { cwd: copy })).code).toBe(0);
    mkdirSync(join(copy, 'folder'));
    writeFileSync(join(copy, 'folder', 'a.txt'), 'a');
    expect((await runPixelis(['sign', 'folder', '--key', key], { cwd: copy })).code).toBe(0);
    const folder = ['verify-signature', 'folder', '--public-key', publicKey];
    expect((await runPixelis(folder, { cwd: copy })).code).toBe(0);
    writeFileSync(join(copy, 'folder', 'a.txt'), 'b');
    expect((await runPixelis(folder, { cwd: copy })).code).toBe(5);
  }); // prettier-ignore
});

describe('pixelis runs audit --public-key', () => {
  it('takes a signed run as it is, and says which are not signed', async () => {
    const args = ['runs', 'audit', '--public-key', publicKey];
    const one = await runPixelis([...args, 'a-train'], { cwd: signed });
    expect({ code: one.code, stdout: one.stdout }).toEqual({
      code: 0,
      stdout: expect.stringMatching(/^a-train: intact, \d+ events, head [0-9a-f]{12}\n$/) as string,
    });
    const all = await runPixelis(args, { cwd: signed });
    expect(all.code).toBe(5);
    expect(all.stdout).toMatch(/b-evaluate: .*\n {2}model\.sig: is missing: the run is not signed/);
  });
});
