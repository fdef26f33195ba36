describe('README.md', () => {
  it('has an example that prints what it says', async () => {
    const log = jest.spyOn(console, 'log').mockImplementation();
    const example = jest.requireActual<{ main(): Promise<void>; printed: string }>('../README.md');
    await example.main();
    const lines = log.mock.calls.map(([text]) => `${String(text)}\n`);
    log.mockRestore();
    expect(lines.join('').replace(/ +$/gm, '')).toBe(example.printed);
  });
});
