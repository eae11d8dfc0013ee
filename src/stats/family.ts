/** A value of a family; `metricName` where a histogram's has another name than the family. */
export interface Sample {
  readonly labels: Readonly<Record<string, string | number>>;
  readonly value: number;
  readonly metricName?: string;
}

/** A metric with all its values, as Prometheus' text format has it. */
export interface Family {
  readonly name: string;
  readonly help: string;
  readonly type: 'counter' | 'gauge' | 'histogram';
  readonly values: readonly Sample[];
  /** What the values of several processes come to together. */
  readonly aggregator: Aggregator;
}

/** In the words of prom-client. */
export type Aggregator = 'sum' | 'min' | 'max' | 'first';

/** A family of this program, whose names begin alike. */
export function family(
  type: Family['type'],
  name: string,
  help: string,
  values: readonly Sample[],
  aggregator: Aggregator = 'sum',
): Family {
  return { name: `mtls_proxy_${name}`, help, type, values, aggregator };
}
