import { cryptoIdGenerator } from './trace-ids';

describe('cryptoIdGenerator', () => {
  it('generateTraceId() gives 32 and generateSpanId() 16 hex digits', () => {
    expect(cryptoIdGenerator.generateTraceId()).toMatch(/^[\da-f]{32}$/);
    expect(cryptoIdGenerator.generateSpanId()).toMatch(/^[\da-f]{16}$/);
  });

  it('generateTraceId() and generateSpanId() leave Math.random alone', () => {
    const random = jest.spyOn(Math, 'random');

    cryptoIdGenerator.generateTraceId();
    cryptoIdGenerator.generateSpanId();

    expect(random).not.toHaveBeenCalled();
    random.mockRestore();
  });

  it('generateSpanId() does not repeat', () => {
    const ids = Array.from({ length: 1000 }, () => cryptoIdGenerator.generateSpanId());

    expect(new Set(ids).size).toBe(1000);
  });
});
