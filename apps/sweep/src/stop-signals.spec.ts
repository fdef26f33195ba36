import { listenForStop } from './stop-signals';

describe('listenForStop()', () => {
  it('listenForStop() asks to stop at the first signal, and ends the process at a later one', () => {
    const exit = jest.spyOn(process, 'exit').mockImplementation();
    const clock = jest.spyOn(performance, 'now').mockReturnValue(1000);
    const stop = listenForStop();
    try {
      process.emit('SIGTERM', 'SIGTERM');
      expect(stop.signal.aborted).toBe(true);
      expect(stop.signal.reason).toBe('SIGTERM');
      clock.mockReturnValue(1900);
      process.emit('SIGINT', 'SIGINT');
      expect(exit).not.toHaveBeenCalled();
      clock.mockReturnValue(2100);
      process.emit('SIGINT', 'SIGINT');
      expect(exit).toHaveBeenCalledWith(130);
    } finally {
      stop.release();
      clock.mockRestore();
      exit.mockRestore();
    }
  });

  it('listenForStop() leaves signals to others once it is released', () => {
    const before = process.listenerCount('SIGINT');
    listenForStop().release();
    expect(process.listenerCount('SIGINT')).toBe(before);
  });
});
