import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { resolveSweepConfig, type SweepConfig } from '@pixelis/config';
import { checkTrials } from './check-trials';

function configOf(...overrides: string[]): SweepConfig {
  return resolveSweepConfig({ overrides }).config;
}

const ENTRY = join(__dirname, '..', 'dist', 'trial-question-process.js');

const HERE = { isHere: true, areFactsWanted: false };
const ELSEWHERE = { isHere: false, areFactsWanted: true };

describe('checkTrials()', () => {
  it('checkTrials() tells what trials compute on where that is wanted, or not the usual', async () => {
    const wasm = { tensorflow: null, backend: { name: 'wasm', threads: 3 } };
    const threads = 'hardware.threads=3';
    expect(await checkTrials(configOf(threads), { ...HERE, areFactsWanted: true })).toMatchObject([
      wasm,
    ]);
    expect(await checkTrials(configOf(threads), HERE)).toMatchObject([wasm]);
    expect(await checkTrials(configOf(), HERE)).toEqual([]);
    const both = 'sweep.space={hardware.backend: {values: [wasm, reference]}}';
    const answers = await checkTrials(configOf(both), HERE);
    expect(answers.map(({ backend }) => backend.name)).toEqual(['wasm', 'reference']);
  });

  it.each([
    ['data.dataset=nope', 'DATASET_UNSUITABLE', 2],
    ['sweep.space={data.dataset: {values: [digits-reasoning, nope]}}', 'DATASET_UNSUITABLE', 2],
    ['data.directory=nowhere', 'DATA_FILE_UNREADABLE', 4],
    ['sweep.space={data.directory: {values: [null, nowhere]}}', 'DATA_FILE_UNREADABLE', 4],
    ['training.compile=true', 'COMPILE_UNSUPPORTED', 2],
    ['sweep.space={hardware.backend: {values: [wasm, gpu]}}', 'NATIVE_BACKEND_MISSING', 3],
  ])('checkTrials() refuses %s as train does', async (override, code, exitCode) => {
    await expect(checkTrials(configOf(override), HERE)).rejects.toMatchObject({ code, exitCode });
  });

  it('checkTrials() refuses no backend for the sake of what is varied beside it', async () => {
    const varied = 'sweep.space={training.compile: {values: [true, false]}}';
    expect(await checkTrials(configOf(varied, 'training.compile=true'), HERE)).toHaveLength(0);
  });

  it('checkTrials() refuses no base value of a section that trials set as a whole', async () => {
    const hardware = 'sweep.space={hardware: {values: [{backend: wasm}, {backend: reference}]}}';
    expect(await checkTrials(configOf(hardware, 'hardware.backend=gpu'), HERE)).toEqual([]);
    const data = 'sweep.space={data: {values: [{batch_size: 8}, {batch_size: 16}]}}';
    expect(await checkTrials(configOf(data, 'data.dataset=nope'), ELSEWHERE)).toEqual([]);
    expect(await checkTrials(configOf(data, 'data.directory=nowhere'), HERE)).toHaveLength(1);
  });

  it('checkTrials() asks of trials elsewhere for their data sets alone', async () => {
    expect(await checkTrials(configOf('hardware.backend=gpu'), ELSEWHERE)).toEqual([]);
    expect(await checkTrials(configOf('data.directory=nowhere'), ELSEWHERE)).toEqual([]);
    await expect(checkTrials(configOf('data.dataset=nope'), ELSEWHERE)).rejects.toMatchObject({
      code: 'DATASET_UNSUITABLE',
    });
  });
});

describe('trial-question-process', () => {
  it('ends when whoever asked it is gone, whatever still runs in it', async () => {
    // A backend that hangs, say: the interval would keep the process for ever.
    const preload = 'data:text/javascript,setInterval(() => {}, 1000)';
    const question = JSON.stringify({ datasets: [], directories: [], backend: null });
    const child = spawn(process.execPath, ['--import', preload, ENTRY, question], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    const exit = once(child, 'exit');
    expect(String(await once(child.stdout, 'data'))).toBe('null\n');
    expect(child.exitCode).toBeNull();
    child.stdin.end();
    expect(await exit).toEqual([0, null]);
  });
});
