import { within } from '../time/within.ts'
import { examine } from './examine.ts'
import type { CheckedPart, Finding } from './finding.ts'

/** One line as a page shows it. */
export interface ChecklistLine extends Pick<CheckedPart, 'id' | 'name' | 'group' | 'needed' | 'paid'> {
  /** Undefined until it was looked at for the first time. */
  readonly finding: Finding | undefined
  readonly isLooking: boolean
}

/** What is known about every part, kept up to date while it is read. */
export interface Checklist {
  /** Looks again at what is due, and waits a moment for it. What costs money is looked at on request only. */
  read(): Promise<readonly ChecklistLine[]>
  /** Looks at the parts that cost money, in the background. */
  lookAtPaid(): void
}

/** How long a finding counts; one that is not `ok` changes by what the operator does next. */
const FRESH_MS = { ok: 20_000, other: 3_000 }
/** A sandbox is started for a look, which takes a second of processor time. */
const HEAVY_FRESH_MS = { ok: 10 * 60_000, other: 60_000 }
/** A page is drawn after this long with what is known by then. */
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
