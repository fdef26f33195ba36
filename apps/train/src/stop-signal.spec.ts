import { listenForStop } from './stop-signal';

describe('listenForStop()', () => {
  it.each(['SIGINT', 'SIGTERM'] as const)(
    'turns %s into an abort, and keeps which it was',
    (signal) => {
      const told: string[] = [];
      const stop = listenForStop((name) => told.push(name));
      expect(stop.received()).toBeUndefined();
      expect(stop.abort.aborted).toBe(false);

      process.emit(signal, signal);

      expect(stop.abort.aborted).toBe(true);
      expect(stop.received()).toBe(signal);
      expect(told).toEqual([signal]);
      stop.dispose();
    },
  );

  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)(
    'ends the process at once on a second signal, once it cannot be the first again: %s',
    (signal, code) => {
      const exit = jest.spyOn(process, 'exit').mockImplementation((number) => {
        throw new Error(`exit ${number}`);
      });
      const now = jest.spyOn(performance, 'now').mockReturnValue(5000);
      const stop = listenForStop(() => undefined);
      process.emit('SIGINT', 'SIGINT');
      now.mockReturnValue(5999);
      process.emit(signal, signal);
      expect(exit).not.toHaveBeenCalled();

      now.mockReturnValue(6000);
      expect(() => process.emit(signal, signal)).toThrow(`exit ${code}`);
      expect(stop.received()).toBe('SIGINT');
      stop.dispose();
      jest.restoreAllMocks();
    },
  );

  it('leaves signals to the system once it is disposed of', () => {
    const counts = () => ['SIGINT', 'SIGTERM'].map((signal) => process.listenerCount(signal));
    const before = counts();
    const stop = listenForStop(() => undefined);
    expect(counts()).not.toEqual(before);

    stop.dispose();

    expect(counts()).toEqual(before);
  });
});
