import { join } from 'node:path';
import { DataError } from '@pixelis/core';
import { describeError } from './run-error';

const TOKEN = `ghp_${'a1'.repeat(18)}`;

describe('describeError', () => {
  it('describeError() gives the code of an error that is no defect', () => {
    const error = new DataError('full', { code: 'DISK_FULL', remedy: 'Free some.' });
    expect(describeError(error)).toMatchObject({ code: 'DISK_FULL', message: 'full' });
    expect(describeError(new RangeError('far'))).toMatchObject({ code: 'DEFECT', message: 'far' });
  });

  it('describeError() gives a stack whose paths in the working folder are relative', () => {
    const { stack } = describeError(new Error(`at ${join(process.cwd(), 'a', 'b.ts')}`));
    expect(stack).toContain(`Error: at ${join('a', 'b.ts')}\n`);
    expect(stack).toContain('run-error.spec.ts:');
    expect(stack).not.toContain(process.cwd());
  });

  it('describeError() gives the stacks of the causes too', () => {
    const cause = new TypeError('inner');
    const { stack } = describeError(new Error('outer', { cause }));
    expect(stack).toMatch(/^Error: outer\n[^]*\ncaused by TypeError: inner\n/);
  });

  it('describeError() ends although an error is its own cause', () => {
    const error = new Error('round');
    error.cause = error;
    expect(describeError(error).stack?.split('caused by')).toHaveLength(9);
  });

  it('describeError() mends a text that is no Unicode, which could not be recorded', () => {
    expect(describeError(new Error('cut \ud800')).message).toBe('cut \ufffd');
  });

  it('describeError() leaves out secrets', () => {
    const cause = new Error(`inner ${TOKEN}`);
    const recorded = JSON.stringify(describeError(new Error(`outer ${TOKEN}`, { cause })));
    expect(recorded).not.toContain(TOKEN);
    expect(recorded.match(/\[redacted\]/g)).toHaveLength(3);
  });

  it.each([
    ['text', 'text'],
    [undefined, 'undefined'],
  ])('describeError() of %j, which is no error, has no stack', (thrown, message) => {
    expect(describeError(thrown)).toEqual({ code: 'DEFECT', message });
  });
});
