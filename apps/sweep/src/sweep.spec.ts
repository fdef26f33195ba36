import { EnvironmentError } from '@pixelis/core';
import { requireTrain } from './sweep';

describe('requireTrain()', () => {
  it('requireTrain() says how to build the program of a trial that is not built', () => {
    let thrown: unknown;
    try {
      requireTrain('/nowhere/main.js');
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toBeInstanceOf(EnvironmentError);
    expect(thrown).toMatchObject({
      code: 'TRAIN_NOT_BUILT',
      exitCode: 3,
      remedy: 'build it with npx nx run train:build',
    });
  });
});
