import { CurriculumManager, type CurriculumOptions } from './index';

const options: CurriculumOptions = {
  stages: [
    { name: 'simple', exit: [{ metric: 'accuracy', threshold: 0.9 }] },
    { name: 'hard', exit: [] },
  ],
  smoothingWindowSize: 1,
};

describe('CurriculumManager', () => {
  it('begins at the first stage with the defaults filled in', () => {
    const manager = new CurriculumManager(options);
    expect(manager.currentStage).toBe('simple');
    expect(manager.config.patienceCycles).toBe(2);
  });

  it('checkForAdvancement says what it decided and why, and moves on', () => {
    const manager = new CurriculumManager(options);
    expect(manager.checkForAdvancement({ accuracy: 0.95 })).toMatchObject({
      decision: 'stay',
      reason: { code: 'patience', passes: 1, passesNeeded: 2 },
    });
    expect(manager.checkForAdvancement({ accuracy: 0.92 })).toMatchObject({
      decision: 'advance',
      reason: { code: 'exit-passed', from: 'simple', to: 'hard', passes: 2 },
    });
    expect(manager.currentStage).toBe('hard');
  });

  it('fromState carries on where state() left off', () => {
    const manager = new CurriculumManager(options);
    manager.checkForAdvancement({ accuracy: 0.95 });
    const resumed = CurriculumManager.fromState(
      options,
      JSON.parse(JSON.stringify(manager.state())),
    );
    expect(resumed.state()).toEqual(manager.state());
    expect(resumed.checkForAdvancement({ accuracy: 0.92 }).decision).toBe('advance');
    expect(manager.currentStage).toBe('simple');
  });

  it('fromState refuses a state of another curriculum', () => {
    const state = { ...new CurriculumManager(options).state(), stage: 'medium' };
    expect(() => CurriculumManager.fromState(options, state)).toThrow("current value is 'medium'");
  });
});
