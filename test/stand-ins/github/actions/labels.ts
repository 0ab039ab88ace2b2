import { notFound } from '../api-error.ts'
import type { Actor, IssueRecord, LabelRecord, RepositoryRecord } from '../records.ts'
import { renderLabel } from '../render/render-issue.ts'
import type { World } from '../world.ts'
import { emitIssue } from './emit-issue.ts'

const DEFAULT_COLOR = 'ededed'

/** The repository's label of this name, made when missing, as GitHub does on first use. */
export function labelNamed(
  world: World,
  repository: RepositoryRecord,
  name: string,
  options: { readonly color?: string | undefined; readonly description?: string | null | undefined } = {},
): LabelRecord {
  const known = repository.labels.get(name.toLowerCase())
  if (known) return known
  const label = {
    id: world.nextId(),
    name,
    color: options.color ?? DEFAULT_COLOR,
    description: options.description ?? null,
  }
  repository.labels.set(name.toLowerCase(), label)
  return label
}

/** Puts labels on an issue or pull request; each new one is a `labeled` event. */
export function attachLabels(
  world: World,
  issue: IssueRecord,
  { actor, names }: { readonly actor: Actor; readonly names: readonly string[] },
): void {
  for (const name of names) {
    const label = labelNamed(world, issue.repository, name)
    if (issue.labels.includes(label)) continue
    issue.labels.push(label)
    issue.updatedAt = world.now()
    emitLabel(world, issue, { actor, action: 'labeled', label })
  }
}

/** Takes a label off: an `unlabeled` event. @throws {ApiError} 404 when it is not on the issue. */
export function detachLabel(
  world: World,
  issue: IssueRecord,
  { actor, name }: { readonly actor: Actor; readonly name: string },
): void {
  const label = issue.labels.find((candidate) => candidate.name.toLowerCase() === name.toLowerCase())
  if (!label) throw notFound()
  issue.labels = issue.labels.filter((candidate) => candidate !== label)
  issue.updatedAt = world.now()
  emitLabel(world, issue, { actor, action: 'unlabeled', label })
}

function emitLabel(
  world: World,
  issue: IssueRecord,
  { actor, action, label }: { readonly actor: Actor; readonly action: string; readonly label: LabelRecord },
): void {
  emitIssue(world, issue, { actor, action, extra: { label: renderLabel(world, issue.repository, label) } })
}
