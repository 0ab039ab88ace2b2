import { showPath } from '../../text/show-path.ts'
import type { ChangedFile } from '../collect/change-list.ts'
import { type IsTaken, suggestion } from './better-name.ts'
import type { ReviewedChanges } from './secret-review.ts'
import { type Steering, steeringText } from './steering.ts'
import { windowsProblem } from './windows-names.ts'

/** Tells people what to do about a finding. */
export const INSTEAD_OF_SECRETS =
  'Read such a value from the environment, or use one that is plainly an example. A finding that is no secret can be allowed by path and rule under `secrets.allow` in `.github/backspace.yml`.'

/** Two sentences, so that a long list of findings does not push out the advice. */
export function secretReasons(findings: readonly string[]): readonly string[] {
  if (findings.length === 0) return []
  return [
    `Left out, because of what looks like a secret: ${listed(findings, 4)}. The rest may not work without these files, and the checks ran with them.`,
    INSTEAD_OF_SECRETS,
  ]
}

export function allowedSentences({ source, findings }: ReviewedChanges['allowed']): readonly string[] {
  if (findings.length === 0) return []
  return [`Looks like a secret, and is allowed by \`${source}\`: ${listed(findings, 5)}.`]
}

export function workflowReason(paths: readonly string[]): readonly string[] {
  if (paths.length === 0) return []
  return [
    `Workflow files are never published, because they run with the secrets of the repository: apply ${listed(paths.map(showPath))} by hand from the diff in the thread.`,
  ]
}

/** @param clauses that start with a path. */
export function windowsReason(clauses: readonly string[]): readonly string[] {
  if (clauses.length === 0) return []
  return [
    `Left out, because a clone on Windows would fail: ${listed(clauses)}. Rename what is needed, or apply it by hand from the diff in the thread.`,
  ]
}

/** @param unfit clauses that start with a path. */
export function unfitReason(unfit: readonly string[]): readonly string[] {
  if (unfit.length === 0) return []
  return [`Left out: ${listed(unfit)}. The rest may not work without these files.`]
}

/** One clause for each file whose name Windows cannot store: the path, and what is wrong with it. */
export function windowsProblems(files: readonly ChangedFile[], isTaken: IsTaken): readonly string[] {
  return files.flatMap(({ path }) => {
    const problem = windowsProblem(path)
    return problem === undefined ? [] : [`${showPath(path)} ${problem}${suggestion(path, isTaken)}`]
  })
}

/** The reason for a draft: files that take effect before a person has read the change. */
export function steeringReason(steering: readonly Steering[]): readonly string[] {
  return steering.length === 0 ? [] : [`Draft, because of what it changes: ${steeringText(steering)}.`]
}

/** A remark on files that take effect only once they are merged. */
export function steeringRemark(steering: readonly Steering[]): readonly string[] {
  if (steering.length === 0) return []
  return [`Look first at what acts once it is merged: ${steeringText(steering)}.`]
}

/** A remark on files that take effect at once but gain no new power. */
export function plainRemark(steering: readonly Steering[]): readonly string[] {
  if (steering.length === 0) return []
  return [
    `Changed in a way that needs no draft, such as a version, a name or a permission that is taken back: ${steeringText(steering)}.`,
  ]
}

export function taintedReasons(buildPaths: readonly string[]): readonly string[] {
  return [
    'Draft, because the text of the task was written by someone without write access.',
    ...(buildPaths.length === 0
      ? []
      : [
          `Look closely at ${listed(buildPaths.map(showPath))}: it decides what an install or a build executes.`,
        ]),
  ]
}

/** The first items, and how many more there are. */
export function listed(items: readonly string[], most = 10): string {
  const shown = items.slice(0, most)
  const more = items.length - shown.length
  return more > 0 ? `${shown.join('; ')}; and ${more} more` : shown.join('; ')
}
