import { resolve } from 'node:path';
import { EnvironmentError, UsageError } from '@pixelis/core';
import { MlflowRemote } from '../mlflow/mlflow-remote';
import { FolderStore } from '../objects/folder-store';
import { GcsStore } from '../objects/gcs-store';
import { S3Store } from '../objects/s3-store';
import { WandbRemote } from '../wandb/wandb-remote';
import { parseRemote, parseStore } from './parse-remote';

const environment = { ...process.env };

beforeEach(() => {
  const own = Object.entries(environment).filter(([name]) => !name.startsWith('AWS_'));
  process.env = {
    ...Object.fromEntries(own),
    AWS_ACCESS_KEY_ID: 'id',
    AWS_SECRET_ACCESS_KEY: 'key',
  };
});
afterAll(() => (process.env = environment));

describe('parseRemote', () => {
  it('makes the remote of each kind of address', () => {
    expect(parseRemote('mlflow:http://127.0.0.1:5000/base/')).toBeInstanceOf(MlflowRemote);
    expect(parseRemote('wandb:some/folder')).toBeInstanceOf(WandbRemote);
    expect(parseRemote('s3://bucket/a/b')).toBeInstanceOf(S3Store);
    expect(parseRemote('gs://bucket')).toBeInstanceOf(GcsStore);
    expect(parseRemote('file:some/folder')).toBeInstanceOf(FolderStore);
  });

  it('shows an address without its credentials, and a folder in full', () => {
    expect(parseRemote('mlflow:http://ada:hunter2@127.0.0.1:5000').address).toBe(
      'mlflow:http://127.0.0.1:5000',
    );
    expect(parseRemote('file:x').address).toBe(`file:${resolve('x')}`);
    expect(parseRemote('file:///x/y').address).toBe(`file:${resolve('/x/y')}`);
    expect(parseRemote('s3://bucket/a').address).toBe('s3://bucket/a/');
    process.env['AWS_ENDPOINT_URL'] = 'http://ada:hunter2@127.0.0.1:9000';
    expect(parseRemote('s3://bucket/a').address).toBe('s3://bucket/a/ at http://127.0.0.1:9000');
  });

  it.each([
    [''], ['mlflow:'], ['mlflow:127.0.0.1:5000'], ['mlflow:file:///x'], ['s3:bucket'], ['s3://'], ['s3://b/../x'], ['s3://B_u/x'],
    ['gs:///x'], ['file:'], ['wandb:'], ['ftp://x'], ['/folder'],
  ])('refuses %j', (text) => {
    expect(() => parseRemote(text)).toThrow(UsageError);
  }); // prettier-ignore

  it('names the kind that was meant', () => {
    expect(() => parseRemote('mlfow:http://x')).toThrow(/did you mean mlflow/);
  });

  it('never repeats a password that stands in a wrong address', () => {
    let message = '';
    try {
      parseRemote('ftp://ada:hunter2@host/x');
    } catch (error) {
      message = String(error);
    }
    expect(message).toContain('ftp');
    expect(message).not.toContain('hunter2');
  });

  it('says which variables a store wants', () => {
    delete process.env['AWS_SECRET_ACCESS_KEY'];
    expect(() => parseRemote('s3://bucket')).toThrow(EnvironmentError);
  });
});

describe('parseStore', () => {
  it('refuses the address of a tracker', () => {
    expect(parseStore('file:x')).toBeInstanceOf(FolderStore);
    expect(() => parseStore('wandb:x')).toThrow(UsageError);
  });
});
