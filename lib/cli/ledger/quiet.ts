/** A backfill of which nothing is heard for a while: why. */
import { keyOfRun, type Run } from '../../model/run.ts';
import type { HeldDates } from '../../orchestrator/backfill/held-dates.ts';
import type { Backfill, BackfillDate } from '../../store/store.ts';
import { stateText } from '../glyphs.ts';
import type { Terminal } from '../terminal.ts';
import { count } from '../words.ts';
import type { Seen } from './ledger.ts';
import { WaitTeller } from './tell-waits.ts';

/** How long nothing changes before it is looked into, and between two looks. */
const QUIET_MS = 1000;
/** How long before it is given up: whoever executes it looks at all of it meanwhile, more than once. */
const STUCK_MS = 2500;
/** Dates that are told. */
const MOST = 10;

export class Quiet {
  readonly #ledger: Seen;
  readonly #terminal: Terminal;
  readonly #waits: WaitTeller;
  #before = '';
  #sinceMs: number;
  #lookedMs = Number.NEGATIVE_INFINITY;
  #told = '';

  constructor(ledger: Seen, terminal: Terminal) {
    this.#ledger = ledger;
    this.#terminal = terminal;
    this.#waits = new WaitTeller(ledger, terminal);
    this.#sinceMs = ledger.clock.now();
  }

  /** Says what dates and tasks wait for; gives what holds all that is left, where that will not end by itself. */
  async look(backfill: Backfill, dates: readonly BackfillDate[]): Promise<HeldDates | undefined> {
    const nowMs = this.#ledger.clock.now();
    const now = dates.map(({ state }) => state).join();
    if (now !== this.#before) this.#sinceMs = nowMs;
    this.#before = now;
    if (nowMs < Math.max(this.#sinceMs, this.#lookedMs) + QUIET_MS) return undefined;
    this.#lookedMs = nowMs;
    await this.#waits.look(await this.#runs(backfill, dates));
    const held = await this.#ledger.heldDates(backfill);
    this.#tell(backfill, held);
    // While something runs, the time that it takes is none of waiting.
    if (held.stuckBehind.length === 0) this.#sinceMs = Math.max(this.#sinceMs, nowMs - QUIET_MS);
    return held.stuckBehind.length > 0 && nowMs >= this.#sinceMs + STUCK_MS ? held : undefined;
  }

  async #runs({ dagId }: Backfill, dates: readonly BackfillDate[]): Promise<readonly Run[]> {
    const ids = dates.flatMap(({ state, runId }) =>
      state === 'queued' && runId !== undefined ? [runId] : [],
    );
    const runs = await Promise.all(ids.map((id) => this.#ledger.store.runs.get(keyOfRun({ dagId, id }))));
    return runs.flatMap((run) => run ?? []);
  }

  #tell({ dagId }: Backfill, { held }: HeldDates): void {
    const state = stateText('queued', this.#terminal.paint);
    const lines = held
      .slice(0, MOST)
      .map(({ logicalDate, text }) => `${state}  ${dagId} ${logicalDate}  ${text}`);
    const more = held.length - lines.length;
    const said = [...lines, ...(more > 0 ? [`  and ${count(more, 'date')} more`] : [])].join('\n');
    if (said === this.#told) return;
    this.#told = said;
    if (said !== '') this.#terminal.print(said);
  }
}
