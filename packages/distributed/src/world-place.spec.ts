import { UsageError } from '@pixelis/core';
import { isRootProcess, worldPlaceOf } from './world-place';

describe('worldPlaceOf()', () => {
  it.each([
    [
      'mpirun of Open MPI',
      {
        OMPI_COMM_WORLD_RANK: '3',
        OMPI_COMM_WORLD_SIZE: '8',
        OMPI_COMM_WORLD_LOCAL_RANK: '1',
        SLURM_PROCID: '0',
        SLURM_STEP_NUM_TASKS: '2',
      },
      { rank: 3, size: 8, localRank: 1 },
    ],
    [
      'mpirun of MPICH',
      { PMI_RANK: '1', PMI_SIZE: '2', MPI_LOCALRANKID: '0' },
      { rank: 1, size: 2, localRank: 0 },
    ],
    [
      'srun',
      { SLURM_PROCID: '2', SLURM_STEP_NUM_TASKS: '4', SLURM_LOCALID: '0' },
      { rank: 2, size: 4, localRank: 0 },
    ],
    [
      'one that does not say which of a machine it is',
      { PMI_RANK: '1', PMI_SIZE: '2' },
      { rank: 1, size: 2, localRank: 1 },
    ],
    ['nobody', {}, undefined],
    ['mpirun, alone', { OMPI_COMM_WORLD_RANK: '0', OMPI_COMM_WORLD_SIZE: '1' }, undefined],
    ['a batch script of Slurm', { SLURM_PROCID: '0', SLURM_NTASKS: '4' }, undefined],
  ])('reads the numbers of a process that was started by %s', (_, environment, place) => {
    expect(worldPlaceOf(environment)).toEqual(place);
  });

  it.each([
    [{ PMI_RANK: 'x', PMI_SIZE: '2' }, /PMI_RANK is "x"/],
    [{ PMI_RANK: '1', PMI_SIZE: '-2' }, /PMI_SIZE is "-2"/],
    [{ PMI_RANK: '', PMI_SIZE: '2' }, /PMI_RANK is ""/],
    [{ PMI_RANK: '2', PMI_SIZE: '2' }, /PMI_RANK is "2"/],
  ])('refuses %j', (environment, message) => {
    const read = () => worldPlaceOf(environment);

    expect(read).toThrow(UsageError);
    expect(read).toThrow(message);
  });
});

describe('isRootProcess()', () => {
  it.each([
    [{}, true],
    [{ PMI_RANK: '0', PMI_SIZE: '2' }, true],
    [{ PMI_RANK: '1', PMI_SIZE: '2' }, false],
    [{ PMI_RANK: 'x', PMI_SIZE: '2' }, true],
  ])('tells for %j: %p', (environment, isRoot) => {
    expect(isRootProcess(environment)).toBe(isRoot);
  });
});
