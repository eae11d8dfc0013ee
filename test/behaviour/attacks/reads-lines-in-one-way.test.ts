import t from 'tap';
import { sendEveryRow } from '../../fixtures/attacks/every-row.ts';
import { startPlace } from '../../fixtures/attacks/place.ts';

const place = await startPlace(t);

t.test('D7 where lines and fields begin and end', (t) => sendEveryRow(t, place, 'lines'));

t.test('D7 the first line, and other protocols', (t) => sendEveryRow(t, place, 'request lines'));
