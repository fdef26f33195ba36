import type { JsonValue } from '@pixelis/core';
import { shortKeys, shortValue } from '@pixelis/sweep';

type Parameters = Readonly<Record<string, JsonValue>>;

/** `training.seed=1 training.learning_rate=0.001`. */
export function describeParameters(parameters: Parameters): string {
  return Object.entries(parameters)
    .map(([key, value]) => `${key}=${typeof value === 'string' ? value : JSON.stringify(value)}`)
    .join(' ');
}

/** `seed=1 learning_rate=0.001`: without sections, wherever the keys are told apart without, and with short numbers. */
export function describeShortly(parameters: Parameters): string {
  const names = shortKeys(Object.keys(parameters));
  return Object.entries(parameters)
    .map(([key, value]) => `${names.get(key) ?? key}=${shortValue(value)}`)
    .join(' ');
}

/** How long something will go on, for people: `about 40 s left`, and no false exactness below a second. */
export function formatTimeLeft(ms: number): string {
  return ms < 1000 ? 'less than 1 s left' : `about ${formatDuration(ms)} left`;
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
