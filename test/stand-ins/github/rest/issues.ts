import { z } from 'zod'
import { notFound, validationFailed } from '../api-error.ts'
import { hasRole } from '../caller.ts'
import type { IssueRecord } from '../records.ts'
import { accountOf, type World } from '../world.ts'
import { attachLabels, createIssue, detachLabel, editText, labelNamed, setState } from './issue-changes.ts'
import { renderIssue, renderLabel } from './render-issue.ts'
import { NEEDS, REPOSITORY, type RepositoryCall, type Route, route } from './route.ts'

const LabelNames = z.array(z.union([z.string(), z.object({ name: z.string() })]))

const NewIssueBody = z.object({
  title: z.union([z.string(), z.number()]),
  body: z.string().nullish(),
  labels: LabelNames.optional(),
  assignees: z.array(z.string()).optional(),
})

const IssueChange = z.object({
  title: z.string().optional(),
  body: z.string().nullish(),
  state: z.enum(['open', 'closed']).optional(),
  state_reason: z.string().nullish(),
  labels: LabelNames.optional(),
  assignees: z.array(z.string()).optional(),
})

const LabelList = z.union([LabelNames, z.object({ labels: LabelNames })])

const NewLabel = z.object({
  name: z.string(),
  color: z.string().optional(),
  description: z.string().nullish(),
})

/** Issues and labels. */
export function issueRoutes(world: World): readonly Route[] {
  return [
    route(`GET ${REPOSITORY}/issues`, NEEDS.readIssues, (call) =>
      call.page(listIssues(call)).map((issue) => renderIssue(world, issue)),
    ),
    route(`POST ${REPOSITORY}/issues`, NEEDS.writeIssues, async (call) => {
      const { repository, actor } = call
      const body = await call.body(NewIssueBody)
      // As on GitHub: without triage rights labels and assignees are dropped in silence.
      const mayTriage = actor.viaApp || hasRole(repository, actor.account, 'triage')
      const issue = createIssue(world, repository, {
        actor,
        title: String(body.title),
        body: body.body ?? null,
        labels: mayTriage ? names(body.labels) : [],
      })
      if (mayTriage) issue.assignees = (body.assignees ?? []).map((login) => accountOf(world, login))
      return call.json(renderIssue(world, issue), 201)
    }),
    route(`GET ${REPOSITORY}/issues/:number`, NEEDS.readIssues, (call) =>
      renderIssue(world, issueIn(call, 'read')),
    ),
    route(`PATCH ${REPOSITORY}/issues/:number`, NEEDS.readIssues, async (call) => {
      const issue = issueIn(call, 'triage')
      await changeIssue(call, issue)
      return renderIssue(world, issue)
    }),
    ...labelRoutes(world),
  ]
}

function labelRoutes(world: World): readonly Route[] {
  const path = `${REPOSITORY}/issues/:number/labels`
  const labelsOf = (issue: IssueRecord) =>
    issue.labels.map((label) => renderLabel(world, issue.repository, label))
  return [
    route(`GET ${path}`, NEEDS.readIssues, (call) => call.page(labelsOf(issueIn(call, 'read')))),
    route(`POST ${path}`, NEEDS.readIssues, async (call) => {
      const issue = issueIn(call, 'triage')
      const body = await call.body(LabelList)
      attachLabels(world, issue, {
        actor: call.actor,
        names: names('labels' in body ? body.labels : body),
      })
      return labelsOf(issue)
    }),
    route(`DELETE ${path}/:name`, NEEDS.readIssues, (call) => {
      const issue = issueIn(call, 'triage')
      detachLabel(world, issue, { actor: call.actor, name: call.param('name') })
      return labelsOf(issue)
    }),
    route(`GET ${REPOSITORY}/labels`, NEEDS.readIssues, (call) => {
      const { repository } = call
      return call.page([...repository.labels.values()]).map((label) => renderLabel(world, repository, label))
    }),
    route(`POST ${REPOSITORY}/labels`, NEEDS.triageIssues, async (call) => {
      const { repository } = call
      const { name, color, description } = await call.body(NewLabel)
      if (repository.labels.has(name.toLowerCase())) {
        throw validationFailed('Label', { code: 'already_exists', field: 'name' })
      }
      return call.json(
        renderLabel(world, repository, labelNamed(world, repository, name, { color, description })),
        201,
      )
    }),
    route(`GET ${REPOSITORY}/labels/:name`, NEEDS.readIssues, (call) => {
      const { repository } = call
      const label = repository.labels.get(call.param('name').toLowerCase())
      if (!label) throw notFound()
      return renderLabel(world, repository, label)
    }),
  ]
}

/** The issue or pull request that the path names, for reading it, discussing it, or changing it. */
export function issueIn(call: RepositoryCall, purpose: 'read' | 'discuss' | 'triage'): IssueRecord {
  const issue = call.repository.issues.get(call.number('number'))
  if (!issue) throw notFound()
  if (purpose !== 'read') {
    const isOwn = call.actor.account === issue.author.account
    const need =
      purpose === 'triage' && !isOwn
        ? NEEDS.triageIssues
        : issue.pull
          ? NEEDS.discussPulls
          : NEEDS.writeIssues
    call.require(need)
  }
  return issue
}

function listIssues(call: RepositoryCall): IssueRecord[] {
  const { repository } = call
  const state = call.query('state') ?? 'open'
  const labels = (call.query('labels') ?? '').split(',').filter((name) => name !== '')
  const since = Date.parse(call.query('since') ?? '') || 0
  const creator = call.query('creator')?.toLowerCase()
  return [...repository.issues.values()]
    .filter(({ number }) => !call.world.transferred.has(`${repository.id}/${number}`))
    .filter((issue) => state === 'all' || issue.state === state)
    .filter((issue) =>
      labels.every((name) => issue.labels.some((label) => label.name.toLowerCase() === name.toLowerCase())),
    )
    .filter((issue) => issue.updatedAt >= since)
    .filter((issue) => creator === undefined || issue.author.account.login.toLowerCase() === creator)
    .sort((a, b) => (call.query('direction') === 'asc' ? a.number - b.number : b.number - a.number))
}

async function changeIssue(call: RepositoryCall, issue: IssueRecord): Promise<void> {
  const { world, actor } = call
  const { title, body, assignees, labels, state, state_reason } = await call.body(IssueChange)
  editText(world, issue, { actor, title, body })
  if (assignees !== undefined) issue.assignees = assignees.map((login) => accountOf(world, login))
  if (labels !== undefined) {
    const wanted = names(labels)
    for (const { name } of [...issue.labels]) {
      if (!wanted.includes(name)) detachLabel(world, issue, { actor, name })
    }
    attachLabels(world, issue, { actor, names: wanted })
  }
  if (state !== undefined) setState(world, issue, { actor, state, reason: state_reason ?? null })
}

function names(labels: z.infer<typeof LabelNames> | undefined): string[] {
  return (labels ?? []).map((label) => (typeof label === 'string' ? label : label.name))
}
