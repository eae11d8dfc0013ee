import t from 'tap';
import { sendEveryRow } from '../../fixtures/attacks/every-row.ts';
import { startPlace } from '../../fixtures/attacks/place.ts';

const place = await startPlace(t);

t.test('D16 D17 targets go on byte for byte, or nowhere', (t) => sendEveryRow(t, place, 'targets'));
