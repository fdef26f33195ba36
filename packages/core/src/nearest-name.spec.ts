import { nearestName } from './nearest-name';

describe('nearestName', () => {
  const keys = ['seed', 'steps', 'shards', 'learning_rate', 'batch_size', 'compile'];

  it.each([
    ['sead', 'seed'],
    ['step', 'steps'],
    ['learning-rate', 'learning_rate'],
    ['learnign_rate', 'learning_rate'],
    ['BATCH_SIZE', 'batch_size'],
    ['compile', 'compile'],
  ])('takes %s to mean %s', (name, nearest) => {
    expect(nearestName(name, keys)).toBe(nearest);
  });

  it.each(['xyzzy', '', 'optimizer', 'a'])('has no suggestion for %j', (name) => {
    expect(nearestName(name, keys)).toBeUndefined();
  });

  it('takes the first of equally near names', () => {
    expect(nearestName('bat', ['cat', 'hat'])).toBe('cat');
  });

  it('never suggests a name that shares nothing', () => {
    expect(nearestName('ab', ['cd'])).toBeUndefined();
  });

  it('has nothing to suggest among no names', () => {
    expect(nearestName('seed', [])).toBeUndefined();
  });
});
