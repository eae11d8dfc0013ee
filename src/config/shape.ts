import type * as v from 'valibot';

/** The keys of a map's schema. */
export type Entries = Readonly<Record<string, v.GenericSchema>>;

/** What a walk over a valibot schema needs to know of each of its parts. */
export interface Shape {
  readonly type: string;
  /** Of a key that may be left out. */
  readonly wrapped?: v.GenericSchema;
  /** Of a map with known keys. */
  readonly entries?: Entries;
  /** Of a list. */
  readonly item?: v.GenericSchema;
  /** Of a map whose keys are the user's own. */
  readonly key?: v.GenericSchema;
  readonly value?: v.GenericSchema;
  /** Of a choice. */
  readonly options?: readonly v.GenericSchema[];
  readonly pipe?: readonly Shape[];
}

/** Whether a list must have an item. */
export const isNeverEmpty = ({ pipe = [] }: Shape): boolean =>
  pipe.some((each) => each.type === 'min_length' || isNeverEmpty(each));
