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
    route(`GET ${REPOSITORY}/rulesets`, NEEDS.metadata, (call) => {
      const { repository } = call
      const targets = (call.query('targets') ?? 'branch,push').split(',')
      const found = repository.rulesets.filter(({ target = 'branch' }) => targets.includes(target))
      return call.page(found.map((one) => renderRuleset(repository, one)))
    }),
    route(`GET ${REPOSITORY}/rulesets/:ruleset_id`, NEEDS.metadata, (call) => {
      const { repository } = call
      const found = repository.rulesets.find(({ id }) => id === call.number('ruleset_id'))
      if (found === undefined) throw notFound()
      return {
        ...renderRuleset(repository, found),
        conditions: isOfBranches(found)
          ? { ref_name: { include: found.include ?? [], exclude: found.exclude ?? [] } }
          : null,
        rules: found.rules,
        current_user_can_bypass: found.bypass === true ? 'always' : 'never',
      }
    }),
  ]
}

/** As a list of rulesets has it: without its rules. */
function renderRuleset(repository: RepositoryRecord, { id, name, target = 'branch' }: RulesetRecord) {
  return {
    id,
    name,
    target,
    source_type: 'Repository',
    source: `${repository.owner.login}/${repository.name}`,
    enforcement: 'active',
    node_id: `RRS_${id}`,
    created_at: new Date(repository.createdAt).toISOString(),
    updated_at: new Date(repository.createdAt).toISOString(),
  }
}

function isOfBranches({ target = 'branch' }: RulesetRecord): boolean {
  return target === 'branch'
}

/** What comes with a push that rules look at. */
interface Pushed {
  readonly branch: string
  readonly isNew: boolean
  readonly message: string
  readonly parents: number
  readonly files: readonly { readonly path: string; readonly bytes: number }[]
}

/** @throws {ApiError} 422 in GitHub's words when a rule refuses what a branch is to point at. */
export async function checkRules(
  repository: RepositoryRecord,
  { ref, sha, isNew }: { readonly ref: string; readonly sha: string; readonly isNew: boolean },
): Promise<void> {
  if (repository.rulesets.length === 0 || !ref.startsWith('refs/heads/')) return
  const pushed = { ...(await readPushed(repository, sha)), branch: ref.replace('refs/heads/', ''), isNew }
  const rulesets = [
    ...rulesetsFor(repository, pushed.branch),
    ...repository.rulesets.filter((one) => !isOfBranches(one) && repository.private),
  ]
  for (const { type, parameters = {} } of rulesets.flatMap((one) => (one.bypass === true ? [] : one.rules))) {
    const problem = problemOf(type, parameters, pushed)
    if (problem !== undefined) refuse(problem)
  }
}

function problemOf(
  type: string,
  parameters: Readonly<Record<string, unknown>>,
  { branch, isNew, message, parents, files }: Pushed,
): string | undefined {
  const pattern = parameters as unknown as Pattern
  const listed = (name: string) => (parameters[name] as readonly string[] | undefined) ?? []
  const least = (name: string) => Number(parameters[name])
  const names = files.map(({ path }) => path)
  switch (type) {
    case 'creation':
      return isNew ? 'Cannot create ref due to creations being restricted.' : undefined
    case 'update':
      return isNew ? undefined : 'Cannot update this protected ref.'
    case 'pull_request':
      return isNew ? undefined : 'Changes must be made through a pull request.'
    case 'required_status_checks':
    case 'workflows':
      return isNew && parameters.do_not_enforce_on_create === true
        ? undefined
        : 'Required status check is expected.'
    case 'branch_name_pattern':
      return isNew && !satisfies(pattern, branch)
        ? `Branch name must match a given pattern: ${pattern.pattern}`
        : undefined
    case 'commit_message_pattern':
      return satisfies(pattern, message)
        ? undefined
        : `Commit message must match a given pattern: ${pattern.pattern}`
    case 'required_linear_history':
      return parents > 1 ? 'This branch must not contain merge commits.' : undefined
    case 'file_path_restriction':
      return names.some((path) => listed('restricted_file_paths').some((one) => globOf(one).test(path)))
        ? 'File path is restricted.'
        : undefined
    case 'file_extension_restriction':
      return names.some((path) =>
        listed('restricted_file_extensions').some((one) => path.endsWith(one.replace('*', ''))),
      )
        ? 'File extension is restricted.'
        : undefined
    case 'max_file_path_length':
      return names.some((path) => path.length > least('max_file_path_length'))
        ? 'File path is too long.'
        : undefined
    case 'max_file_size':
      return files.some(({ bytes }) => bytes > least('max_file_size') * 1024 * 1024)
        ? 'File is too large.'
        : undefined
    default:
      return undefined
  }
}

async function readPushed(
  repository: RepositoryRecord,
  sha: string,
): Promise<Pick<Pushed, 'message' | 'parents' | 'files'>> {
  const ask = async (...args: string[]) => (await repository.git(args, { accept: [0, 128] })).text
  const [message, parents, changes] = await Promise.all([
    ask('log', '-1', '--format=%B', sha),
    ask('log', '-1', '--format=%P', sha),
    ask('diff-tree', '-r', '--root', '--no-commit-id', '-m', '--first-parent', sha),
  ])
  const lines = [...changes.matchAll(/^:\d+ \d+ \w+ (\w+) \w\t(.+)$/gm)]
  const files = await Promise.all(
    lines.map(async ([, id = '', path = '']) => ({
      path,
      bytes: /^0+$/.test(id) ? 0 : Number(await ask('cat-file', '-s', id)),
    })),
  )
  return { message, parents: parents.trim().split(' ').length, files }
}

function refuse(why: string): never {
  throw new ApiError(422, `Repository rule violations found\n\n${why}\n\n`)
}

function rulesetsFor(repository: RepositoryRecord, branch: string): readonly RulesetRecord[] {
  const holds = (patterns: readonly string[]) =>
    patterns.some((pattern) => pattern === '~ALL' || globOf(pattern).test(`refs/heads/${branch}`))
  return repository.rulesets.filter(
    (one) => isOfBranches(one) && holds(one.include ?? []) && !holds(one.exclude ?? []),
  )
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

interface Pattern {
  readonly operator: string
  readonly pattern: string
  readonly negate?: boolean
}

function satisfies({ operator, pattern, negate = false }: Pattern, text: string): boolean {
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
