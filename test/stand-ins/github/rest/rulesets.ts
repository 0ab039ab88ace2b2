import { ApiError, notFound } from '../api-error.ts'
import type { RepositoryRecord, RulesetRecord } from '../records.ts'
import type { World } from '../world.ts'
import { NEEDS, REPOSITORY, type Route, route } from './route.ts'

/** Rulesets for branches: https://docs.github.com/rest/repos/rules */
export function rulesetRoutes(_world: World): readonly Route[] {
  return [
    route(`GET ${REPOSITORY}/rules/branches/:branch{.+}`, NEEDS.metadata, (call) => {
      const { repository } = call
      const found = rulesetsFor(repository, call.param('branch'))
      const rules = found.flatMap(({ id, rules: own }) =>
        own.map((rule) => ({
          ...rule,
          ruleset_source_type: 'Repository',
          ruleset_source: `${repository.owner.login}/${repository.name}`,
          ruleset_id: id,
        })),
      )
      return call.page(rules)
    }),
    route(`GET ${REPOSITORY}/rulesets/:ruleset_id`, NEEDS.metadata, (call) => {
      const { repository } = call
      const found = repository.rulesets.find(({ id }) => id === call.number('ruleset_id'))
      if (found === undefined) throw notFound()
      return {
        id: found.id,
        name: found.name,
        target: 'branch',
        source_type: 'Repository',
        source: `${repository.owner.login}/${repository.name}`,
        enforcement: 'active',
        conditions: { ref_name: { include: found.include, exclude: found.exclude ?? [] } },
        rules: found.rules,
        node_id: `RRS_${found.id}`,
        created_at: new Date(repository.createdAt).toISOString(),
        updated_at: new Date(repository.createdAt).toISOString(),
        current_user_can_bypass: found.bypass === true ? 'always' : 'never',
      }
    }),
  ]
}

/** @throws {ApiError} 422 in GitHub's words when a rule refuses a new branch, or its commit. */
export function checkNewBranch(
  repository: RepositoryRecord,
  { ref, message }: { readonly ref: string; readonly message: string },
): void {
  const branch = ref.replace(/^refs\/heads\//, '')
  for (const { rules, bypass } of rulesetsFor(repository, branch)) {
    if (bypass === true) continue
    for (const { type, parameters } of rules) {
      if (type === 'creation') refuse('Cannot create ref due to creations being restricted.')
      if (type === 'branch_name_pattern' && !satisfies(parameters, branch))
        refuse(`Branch name must match a given pattern: ${parameters?.pattern ?? ''}`)
      if (type === 'commit_message_pattern' && !satisfies(parameters, message))
        refuse(`Commit message must match a given pattern: ${parameters?.pattern ?? ''}`)
    }
  }
}

function refuse(why: string): never {
  throw new ApiError(422, `Repository rule violations found\n\n${why}\n\n`)
}

function rulesetsFor(repository: RepositoryRecord, branch: string): readonly RulesetRecord[] {
  const holds = (patterns: readonly string[]) =>
    patterns.some((pattern) => pattern === '~ALL' || globOf(pattern).test(`refs/heads/${branch}`))
  return repository.rulesets.filter(({ include, exclude = [] }) => holds(include) && !holds(exclude))
}

/** As Ruby's fnmatch: a star stays in its folder, two do not. */
function globOf(pattern: string): RegExp {
  const parts = pattern.split('**').map((part) =>
    part
      .split('*')
      .map((text) => text.replace(/[.+?^$()[\]{}|\\]/g, '\\$&'))
      .join('[^/]*'),
  )
  return new RegExp(`^${parts.join('.*')}$`)
}

function satisfies(parameters: RulesetRecord['rules'][number]['parameters'], text: string): boolean {
  if (parameters === undefined) return true
  const { operator, pattern, negate = false } = parameters
  const found =
    operator === 'starts_with'
      ? text.startsWith(pattern)
      : operator === 'ends_with'
        ? text.endsWith(pattern)
        : operator === 'contains'
          ? text.includes(pattern)
          : new RegExp(pattern).test(text)
  return found !== negate
}
