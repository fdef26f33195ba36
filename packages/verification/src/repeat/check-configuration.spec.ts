import { resumeFingerprint, type RunEvent } from '@pixelis/artifacts';
import { type ConfigLayer, resolveConfig, trainingConfigSchema } from '@pixelis/config';
import type { JsonValue } from '@pixelis/core';
import { z } from 'zod';
import { recordTraining } from '../../test/support/record-training';
import { useTemporaryFolder } from '../../test/support/temporary-folder';
import { thrownBy } from '../../test/support/thrown-by';
import { readRunRecord, type RecordedSetting, type RunRecord } from '../record/run-record';
import { checkConfiguration } from './check-configuration';

const temporaryFolder = useTemporaryFolder();

describe('checkConfiguration()', () => {
  it.each<[string, RecordedSetting[]]>([
    ['nothing', []],
    ['a value', [{ path: 'training.seed', value: 7 }]],
    ['the same value twice', [{ path: 'training.seed', value: 7 }, { path: 'training.seed', value: 8 }]],
    ['a whole file', [{ path: '', value: { training: { seed: 7 }, model: { dim: 32 } } }]],
    ['a list', [{ path: 'curriculum.stages', value: [{ name: 'only', mixture: { simple: 1 } }] }]],
    ['a value within a list', [{ path: 'curriculum.stages[1].exit[0].threshold', value: 0.75 }]],
    ['a section over a file', [{ path: '', value: { training: { seed: 7 } } }, { path: 'training', value: { steps: 3 } }]],
  ])('agrees with a record of what was resolved from %s', (_, settings) => {
    const { stage, doubts } = checkConfiguration(recordOf(settings, resolved(settings)));
    expect([stage.status, doubts]).toEqual(['equal', []]);
  }); // prettier-ignore

  it('finds a value that is not what the run began with, and names it', () => {
    const settings = [{ path: 'training.seed', value: 7 }];
    const record = { ...recordOf(settings, resolved(settings)), config: changed(settings) };
    expect(checkConfiguration(record).stage).toMatchObject({
      status: 'differs',
      differences: [{ path: 'training.learning_rate', a: 0.003, b: 0.004 }],
    });
  });

  it('finds a value that is not the one that was asked for, though the audit trail was changed with it', () => {
    const settings = [{ path: 'training.learning_rate', value: 0.002 }];
    const { stage } = checkConfiguration(recordOf(settings, changed(settings)));
    expect(stage).toMatchObject({
      status: 'differs',
      differences: [{ path: 'training.learning_rate', a: 0.002, b: 0.004 }],
    });
  });

  it('doubts a value that nobody asked for and that is no default', () => {
    const { stage, doubts } = checkConfiguration(recordOf([], changed([])));
    expect(stage.status).toBe('equal');
    expect(doubts).toEqual([{ path: 'training.learning_rate', a: 0.003, b: 0.004 }]);
  });

  it('finds a seed in the manifest that is not the one of the configuration', async () => {
    const folder = await recordTraining({
      root: temporaryFolder(),
      runId: 'a',
      facts: { seed: 7 },
    });
    const record = { ...recordOf([], resolved([])), manifest: readRunRecord(folder).manifest };
    expect(checkConfiguration(record).stage).toMatchObject({
      status: 'differs',
      differences: [{ path: 'training.seed', a: 7, b: 42 }],
    });
  });

  it('refuses a record without a configuration', () => {
    expect(thrownBy(() => checkConfiguration(recordOf([], null)))).toMatchObject({
      code: 'RECORD_BROKEN',
      exitCode: 5,
    });
  });
});

// Helpers

/** What `@pixelis/config` makes of settings. */
function resolved(settings: readonly RecordedSetting[]): JsonValue {
  const layers = settings.map(({ path, value }): ConfigLayer => {
    const segments = path === '' ? [] : path.replace(/\[(\d+)\]/g, '.$1').split('.');
    return { layer: 'argument', settings: [{ path: segments, value, source: 'test' }] };
  });
  return z.json().parse(resolveConfig({ schema: trainingConfigSchema, layers }).config);
}

function changed(settings: readonly RecordedSetting[]): JsonValue {
  const text = JSON.stringify(resolved(settings));
  return z
    .json()
    .parse(JSON.parse(text.replace(/"learning_rate":[\d.]+/, '"learning_rate":0.004')));
}

function recordOf(settings: readonly RecordedSetting[], config: JsonValue): RunRecord {
  const created: RunEvent = {
    seq: 1,
    time: '2026-01-01T00:00:00Z',
    type: 'created',
    data: { config_fingerprint: config === null ? null : resumeFingerprint(config) },
    previous: '0'.repeat(64),
  };
  return {
    runId: 'a',
    directory: '.',
    manifest: null,
    job: 'train:sft',
    environment: null,
    config,
    settings,
    events: [created],
  };
}
