import { within } from '../time/within.ts'
import { examine } from './examine.ts'
import type { CheckedPart, Finding } from './finding.ts'

/** One line as a page shows it. */
export interface ChecklistLine extends Pick<CheckedPart, 'id' | 'name' | 'group' | 'needed' | 'paid'> {
  /** Undefined until the first look. */
  readonly finding: Finding | undefined
  readonly isLooking: boolean
}

/** What is known about every part. It is kept up to date as long as someone reads it. */
export interface Checklist {
  /**
   * Looks at the parts whose findings are too old, and waits a moment for the results. A part whose look costs money is
   * left out.
   */
  read(): Promise<readonly ChecklistLine[]>
  /** Looks at the parts that cost money, in the background. */
  lookAtPaid(): void
}

/** Milliseconds that a finding counts. If it is not `ok`, the operator may be about to change that. */
const FRESH_MS = { ok: 20_000, other: 3_000 }
/** For a look that starts a sandbox, which takes a second of processor time. */
const HEAVY_FRESH_MS = { ok: 10 * 60_000, other: 60_000 }
/** How long a page waits for new findings. Then it shows what is known. */
const WAIT_MS = 400

export function createChecklist(
  parts: readonly CheckedPart[],
  { redact, now = Date.now }: { readonly redact: (text: string) => string; readonly now?: () => number },
): Checklist {
  const known = new Map<string, { readonly finding: Finding; readonly at: number }>()
  const looking = new Map<string, Promise<void>>()

  function look(part: CheckedPart): void {
    if (looking.has(part.id)) return
    const done = examine(part, redact).then((finding) => {
      known.set(part.id, { finding, at: now() })
      looking.delete(part.id)
    })
    looking.set(part.id, done)
  }

  function isDue({ id, paid, limitMs }: CheckedPart): boolean {
    if (paid) return false
    const last = known.get(id)
    const fresh = limitMs > 60_000 ? HEAVY_FRESH_MS : FRESH_MS
    return !last || now() - last.at > (last.finding.state === 'ok' ? fresh.ok : fresh.other)
  }

  return {
    async read() {
      for (const part of parts) if (isDue(part)) look(part)
      await within(WAIT_MS, Promise.all(looking.values()))
      return parts.map(({ id, name, group, needed, paid }) => ({
        id,
        name,
        group,
        needed,
        paid,
        finding: known.get(id)?.finding,
        isLooking: looking.has(id),
      }))
    },
    lookAtPaid() {
      for (const part of parts) if (part.paid) look(part)
    },
  }
}
