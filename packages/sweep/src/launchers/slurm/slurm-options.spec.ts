import { UsageError } from '@pixelis/core';
import { thrownBy } from '../../../test/support/thrown-by';
import { slurmArguments } from './slurm-options';

const of = (options: Record<string, string>) => slurmArguments({ options, notifySeconds: 120 });

describe('slurmArguments()', () => {
  it('slurmArguments() passes options of sbatch on, one without a value too', () => {
    expect(
      of({ 'cpus-per-task': '4', gres: 'gpu:1', comment: "it's mine", exclusive: '' }),
    ).toEqual(['--cpus-per-task=4', '--gres=gpu:1', "--comment=it's mine", '--exclusive']);
  });

  it.each(['t', '--time', 'Time', 'time=3', 'a b', ''])(
    'slurmArguments() refuses the key %j',
    (key) => {
      const error = thrownBy(() => of({ [key]: '1' }));
      expect(error).toBeInstanceOf(UsageError);
      expect(error).toMatchObject({ code: 'SLURM_OPTION_INVALID' });
    },
  );

  it.each([
    'array',
    'arr',
    'output',
    'signal',
    'requeue',
    'no-requeue',
    'job-name',
    'job',
    'wrap',
    'clusters',
  ])('slurmArguments() refuses %s, which the launcher sets', (key) => {
    expect(thrownBy(() => of({ [key]: '1' }))).toMatchObject({
      code: 'SLURM_OPTION_RESERVED',
      exitCode: 2,
      remedy: expect.stringMatching(/./) as string,
    });
  });

  it.each(['2', '1', '1:59', '00:02:00', '0-00:02', '0-00:01:59'])(
    'slurmArguments() refuses the time %s, of which 120 s leave nothing',
    (time) => {
      expect(thrownBy(() => of({ time }))).toMatchObject({ code: 'SLURM_TIME_SHORT' });
    },
  );

  it.each(['3', '2:01', '0:02:01', '1-0', '0-00:03', '0-00:02:01', '0', 'UNLIMITED', 'abc'])(
    'slurmArguments() leaves the time %s to sbatch',
    (time) => {
      expect(of({ time })).toEqual([`--time=${time}`]);
    },
  );
});
