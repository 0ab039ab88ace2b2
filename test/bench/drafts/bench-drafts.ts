import { existsSync } from 'node:fs'
import { diffGuard } from '../../../src/checks/diff-guard.ts'
import type { GuardFinding } from '../../../src/checks/guard/change/guarded-change.ts'
import { ALLOWS_NOTHING } from '../../../src/checks/secret-allow-list.ts'
import { knownError } from '../../../src/errors.ts'
import { gateChanges } from '../../../src/pipeline/gate/gate-changes.ts'
import { createSecretSearch } from '../../../src/pipeline/gate/search-bytes.ts'
import { reviewSecrets } from '../../../src/pipeline/gate/secret-review.ts'
import { steeringOf } from '../../../src/pipeline/gate/steering.ts'
import { needsDraft } from '../../../src/pipeline/gate/steering-later.ts'
import { atOnce } from '../../../src/time/pieces.ts'
import { type BenchOptions, noMirrors } from '../bench-options.ts'
import type { BenchResult, Measurement } from '../measurement.ts'
import { findMirrors, type MergedCommit, readCommits } from './read-commits.ts'

/** Percent of what people merged (issue 14). */
const MOST_DRAFTS = 4
const EXAMPLES = 6

/**
 * Why a commit would be a draft. `settled`: a reason of the guard that a verification may clear; `note`: none. `guard` and `steering` judge the change; `workflow` and `windows` cannot be published by
 * Backspace at all; `secret` is a finding that a repository can allow; `refused` is no pull request.
 */
interface Reason {
  readonly group: 'guard' | 'settled' | 'note' | 'steering' | 'workflow' | 'windows' | 'secret' | 'refused'
  /** With its paths and names. */
  readonly text: string
}

interface Judged {
  readonly repository: string
  readonly sha: string
  readonly subject: string
  readonly reasons: readonly Reason[]
}

/**
 * What the gate and the guard would make of commits that people wrote and merged: how many would be drafts, and why. Reads
 * bare clones (`--mirrors`), and nothing else.
 */
export async function benchDrafts({ mirrors, commits, quick, only }: BenchOptions): Promise<BenchResult> {
  if (!existsSync(mirrors)) {
    return { measurements: [], leftOut: [{ name: 'all', reason: noMirrors(mirrors) }] }
  }
  const judged: Judged[] = []
  for (const mirror of findMirrors(mirrors)) {
    if (only.length > 0 && !only.some((part) => mirror.repository.includes(part))) continue
    for await (const commit of readCommits(mirror, quick ? 10 : commits)) {
      const { sha, subject, repository } = commit
      judged.push({ sha, subject, repository, reasons: await reasonsFor(commit) })
    }
    process.stderr.write(`drafts: ${judged.length} commits after ${mirror.repository}\n`)
  }
  const byKind = Map.groupBy(
    judged.flatMap((commit) => [...kindsOf(commit)].map((kind) => ({ commit, kind }))),
    ({ kind }) => kind,
  )
  for (const [kind, found] of byKind)
    printExamples(
      kind,
      found.map(({ commit }) => commit),
    )
  return { measurements: figuresOf(judged, byKind), leftOut: [] }
}

async function reasonsFor({ changes, basePaths }: MergedCommit): Promise<readonly Reason[]> {
  const reviewed = await reviewSecrets(
    { ...changes, notices: [], tree: '', leftOut: [] },
    { knownSecrets: [], basePaths, readAllowList: async () => ALLOWS_NOTHING, search: createSecretSearch() },
  )
  const as = (group: Reason['group'], texts: readonly string[]) => texts.map((text) => ({ group, text }))
  const secrets = [...reviewed.leaks.values()].flatMap(({ findings }) => findings)
  try {
    const { publish, reasons } = atOnce(
      gateChanges({ changes: reviewed, baseTree: basePaths, tainted: false }),
    )
    return [
      ...(await diffGuard(publish)).map(
        ({ text, weight, settledBy }): Reason => ({ group: groupOf(weight, settledBy), text }),
      ),
      ...publish.flatMap(steeringOf).map(
        (one): Reason => ({
          group: needsDraft(one) ? 'steering' : 'note',
          text: `\`${one.path}\` ${one.what}`,
        }),
      ),
      ...as('secret', secrets),
      ...as(
        'workflow',
        reasons.filter((reason) => reason.startsWith('Workflow files')),
      ),
      ...as(
        'windows',
        reasons.filter((reason) => reason.includes('clone on Windows')),
      ),
    ]
  } catch (error) {
    const known = knownError(error)
    if (known === undefined) throw error
    return as('refused', [known.userMessage])
  }
}

/** A reason without the names in it. */
function kindsOf({ reasons }: Judged): ReadonlySet<string> {
  const kinds = reasons.map(({ group, text }) => {
    const what = text.replaceAll(/`[^`]*`/g, '…').replaceAll(/\d+ (?:more )?|assertions?|tests?/g, '')
    return `${group}: ${['guard', 'settled', 'note', 'steering'].includes(group) ? what.slice(0, 60).trim() : ''}`
  })
  return new Set(kinds)
}

const OF_GUARD: readonly Reason['group'][] = ['guard', 'settled']
const JUDGED_GROUPS: readonly Reason['group'][] = [...OF_GUARD, 'steering']
const UNSETTLED_GROUPS: readonly Reason['group'][] = ['guard', 'steering']

function groupOf(weight: GuardFinding['weight'], settledBy: GuardFinding['settledBy']): Reason['group'] {
  if (weight === 'note') return 'note'
  return settledBy === undefined ? 'guard' : 'settled'
}

function figuresOf(
  judged: readonly Judged[],
  byKind: ReadonlyMap<string, readonly unknown[]>,
): Measurement[] {
  const percent = (count: number) => (100 * count) / Math.max(1, judged.length)
  const share = (name: string, value: number) =>
    ({ name, variant: '', value: percent(value), unit: '%' }) as const
  const kinds = [...byKind].sort(([, one], [, other]) => other.length - one.length)
  return [
    { name: 'commits', variant: '', value: judged.length, unit: 'count' },
    share('drafts without verification', withGroup(judged, JUDGED_GROUPS)),
    share('drafts that no verification clears', withGroup(judged, UNSETTLED_GROUPS)),
    share('drafts by guard without verification', withGroup(judged, OF_GUARD)),
    {
      ...share('drafts by guard that no verification clears', withGroup(judged, ['guard'])),
      target: MOST_DRAFTS,
    },
    // A run with verification makes these ready if its checks say the same: test/pipeline/publish/settled-in-a-run.test.ts.
    share('drafts by guard that a verification may clear', withOnly(judged, 'settled')),
    share('drafts by steering', withGroup(judged, ['steering'])),
    share('ready', judged.filter(({ reasons }) => reasons.every(({ group }) => group === 'note')).length),
    ...kinds.map(([kind, found]) => share(`  ${kind}`, found.length)),
  ]
}

function withGroup(judged: readonly Judged[], groups: readonly Reason['group'][]): number {
  return judged.filter(({ reasons }) => reasons.some(({ group }) => groups.includes(group))).length
}

/** Commits with a reason of this group, and of no other that the guard has. */
function withOnly(judged: readonly Judged[], wanted: Reason['group']): number {
  return judged.filter(({ reasons }) => {
    const groups = new Set(reasons.map(({ group }) => group).filter((group) => OF_GUARD.includes(group)))
    return groups.size === 1 && groups.has(wanted)
  }).length
}

function printExamples(kind: string, found: readonly Judged[]): void {
  const step = Math.max(1, Math.floor(found.length / EXAMPLES))
  const lines = found
    .filter((_, index) => index % step === 0)
    .slice(0, EXAMPLES)
    .flatMap(({ repository, sha, subject, reasons }) => [
      `  ${repository} ${sha.slice(0, 10)} ${subject}`,
      ...reasons.slice(0, 4).map(({ text }) => `      ${text.slice(0, 160)}`),
    ])
  process.stderr.write(`${kind}\n${lines.join('\n')}\n`)
}
