import type { Question } from './question.ts';
import { right } from './right-answers.ts';
import { wrong } from './wrong-answers.ts';

/** All answers that a client may ask for, by name. */
export const answers: Readonly<Record<string, (question: Question) => unknown>> = { ...right, ...wrong };

/** Names of those that a client gets whole, if nothing else goes wrong. */
export const rightAnswers: readonly string[] = Object.keys(right);

/** Names of the others. */
export const wrongAnswers: readonly string[] = Object.keys(wrong);
