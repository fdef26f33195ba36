import { stripVTControlCharacters } from 'node:util';
import type { JsonValue } from '@pixelis/core';

type Parameters = Readonly<Record<string, JsonValue>>;

/** `training.seed=1 training.learning_rate=0.001`. */
export function describeParameters(parameters: Parameters): string {
  return Object.entries(parameters)
    .map(([key, value]) => `${key}=${typeof value === 'string' ? value : JSON.stringify(value)}`)
    .join(' ');
}

/** `seed=1 learning_rate=0.001`: without sections, wherever the keys are told apart without. */
export function describeShortly(parameters: Parameters): string {
  const endOf = (key: string): string => key.slice(key.lastIndexOf('.') + 1);
  const ends = Object.keys(parameters).map(endOf);
  const entries = Object.entries(parameters).map(([key, value]) => {
    const isUnique = ends.filter((end) => end === endOf(key)).length === 1;
    return [
      isUnique ? endOf(key) : key,
      typeof value === 'number' ? Number(shortNumber(value)) : value,
    ];
  });
  return describeParameters(Object.fromEntries(entries) as Parameters);
}

/** Text of foreign origin must neither break a line nor steer the terminal. */
export function onOneLine(text: string): string {
  return stripVTControlCharacters(text).replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, ' ');
}

/** Four significant digits. */
export function shortNumber(value: number): string {
  return String(Number(value.toPrecision(4)));
}

/** A time span for people: `4.2 s`, `40 s`, `12 min`, `3 h 20 min`, `2 d 3 h`. */
export function formatDuration(ms: number): string {
  const seconds = ms / 1000;
  if (seconds < 9.95) return `${seconds.toFixed(1)} s`;
  if (seconds < 90) return `${Math.round(seconds)} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 90) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  if (hours < 48) return `${hours} h ${minutes % 60} min`;
  return `${Math.floor(hours / 24)} d ${hours % 24} h`;
}
