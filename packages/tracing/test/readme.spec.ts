describe('README.md', () => {
  it('has an example that links the lines of each request and of no other', async () => {
    const lines: string[] = [];
    const write = jest.spyOn(process.stdout, 'write').mockImplementation((line) => {
      lines.push(String(line));
      return true;
    });

    const example = jest.requireActual<{ answers: Promise<string[]> }>('../README.md');
    const answers = await example.answers;
    write.mockRestore();

    expect(answers).toEqual(['forty-two', 'forty-two']);
    const parsed = lines.map((line) =>
      /^\S{24} - shop\.answers - INFO - \[(.*?)\|(.*?)\] - (.*)\n$/.exec(line)?.slice(1),
    );
    const [first, second] = [parsed[1]?.[0], parsed[3]?.[0]];
    expect(first).toMatch(/^[\da-f]{32}$/);
    expect(second).not.toBe(first);
    expect(parsed).toEqual([
      ['-', '-', 'ready'],
      [first, 'InferenceEngine', 'asked question="six times seven?"'],
      [first, 'Memory', 'looking k=5'],
      [second, 'InferenceEngine', 'asked question="and again?"'],
      [second, 'Memory', 'looking k=5'],
    ]);
  });
});
