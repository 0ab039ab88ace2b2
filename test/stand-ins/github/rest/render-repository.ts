import { type Caller, covers, hasRole } from '../caller.ts'
import type { Account, RepositoryRecord } from '../records.ts'
import { fullName, isoSeconds, type World } from '../world.ts'

/** GitHub's `simple-user`. */
export function renderAccount(world: World, account: Account) {
  // The brackets of `name[bot]` are escaped in API addresses but not in the login.
  const url = `${world.apiUrl}/users/${encodeURIComponent(account.login)}`
  const page = account.type === 'Bot' ? `apps/${account.login.replace(/\[bot\]$/, '')}` : account.login
  return {
    login: account.login,
    id: account.id,
    node_id: nodeId(account.type === 'Bot' ? 'BOT' : 'U', account.id),
    avatar_url: `${world.url}/avatars/u/${account.id}`,
    gravatar_id: '',
    url,
    html_url: `${world.url}/${page}`,
    followers_url: `${url}/followers`,
    following_url: `${url}/following{/other_user}`,
    gists_url: `${url}/gists{/gist_id}`,
    starred_url: `${url}/starred{/owner}{/repo}`,
    subscriptions_url: `${url}/subscriptions`,
    organizations_url: `${url}/orgs`,
    repos_url: `${url}/repos`,
    events_url: `${url}/events{/privacy}`,
    received_events_url: `${url}/received_events`,
    type: account.type,
    user_view_type: 'public',
    site_admin: false,
  }
}

/** GitHub's `public-user`. */
export function renderProfile(world: World, account: Account) {
  const repositories = [...world.repositories.values()].filter((repository) => repository.owner === account)
  return {
    ...renderAccount(world, account),
    name: account.name,
    company: null,
    blog: '',
    location: null,
    email: null,
    hireable: null,
    bio: null,
    twitter_username: null,
    public_repos: repositories.filter((repository) => !repository.private).length,
    public_gists: 0,
    followers: 0,
    following: 0,
    created_at: isoSeconds(account.createdAt),
    updated_at: isoSeconds(account.createdAt),
    ...(account.suspendedAt === undefined ? {} : { suspended_at: isoSeconds(account.suspendedAt) }),
  }
}

/** GitHub's `organization-simple`, as webhooks carry it for repositories of an organization. */
export function renderOrganization(world: World, account: Account) {
  const url = `${world.apiUrl}/orgs/${account.login}`
  return {
    login: account.login,
    id: account.id,
    node_id: nodeId('O', account.id),
    url,
    repos_url: `${url}/repos`,
    events_url: `${url}/events`,
    hooks_url: `${url}/hooks`,
    issues_url: `${url}/issues`,
    members_url: `${url}/members{/member}`,
    public_members_url: `${url}/public_members{/member}`,
    avatar_url: `${world.url}/avatars/u/${account.id}`,
    description: null,
  }
}

/** The address GitHub gives an account in commits. */
export function noreplyEmail(account: Account): string {
  return `${account.id}+${account.login}@users.noreply.github.com`
}

/** An opaque global id of the kind GitHub uses. */
export function nodeId(prefix: string, id: number | string): string {
  return `${prefix}_${Buffer.from(String(id)).toString('base64url')}`
}

/** `owner`-independent addresses of a repository, as templates. */
const TEMPLATES: Readonly<Record<string, string>> = {
  archive_url: '/{archive_format}{/ref}',
  assignees_url: '/assignees{/user}',
  blobs_url: '/git/blobs{/sha}',
  branches_url: '/branches{/branch}',
  collaborators_url: '/collaborators{/collaborator}',
  comments_url: '/comments{/number}',
  commits_url: '/commits{/sha}',
  compare_url: '/compare/{base}...{head}',
  contents_url: '/contents/{+path}',
  contributors_url: '/contributors',
  deployments_url: '/deployments',
  downloads_url: '/downloads',
  events_url: '/events',
  forks_url: '/forks',
  git_commits_url: '/git/commits{/sha}',
  git_refs_url: '/git/refs{/sha}',
  git_tags_url: '/git/tags{/sha}',
  hooks_url: '/hooks',
  issue_comment_url: '/issues/comments{/number}',
  issue_events_url: '/issues/events{/number}',
  issues_url: '/issues{/number}',
  keys_url: '/keys{/key_id}',
  labels_url: '/labels{/name}',
  languages_url: '/languages',
  merges_url: '/merges',
  milestones_url: '/milestones{/number}',
  notifications_url: '/notifications{?since,all,participating}',
  pulls_url: '/pulls{/number}',
  releases_url: '/releases{/id}',
  stargazers_url: '/stargazers',
  statuses_url: '/statuses/{sha}',
  subscribers_url: '/subscribers',
  subscription_url: '/subscription',
  tags_url: '/tags',
  teams_url: '/teams',
  trees_url: '/git/trees{/sha}',
}

/** GitHub's `minimal-repository`. */
export function renderMinimalRepository(world: World, repository: RepositoryRecord) {
  const url = repositoryUrl(world, repository)
  return {
    id: repository.id,
    node_id: nodeId('R', repository.id),
    name: repository.name,
    full_name: fullName(repository),
    private: repository.private,
    owner: renderAccount(world, repository.owner),
    html_url: repositoryPage(world, repository),
    description: repository.description,
    fork: repository.forkOf !== undefined,
    url,
    ...Object.fromEntries(Object.entries(TEMPLATES).map(([name, path]) => [name, `${url}${path}`])),
  }
}

/** GitHub's `repository`, as lists, pull requests and webhooks carry it. */
export function renderRepository(world: World, repository: RepositoryRecord, caller?: Caller) {
  const page = repositoryPage(world, repository)
  const open = [...repository.issues.values()].filter((issue) => issue.state === 'open').length
  return {
    ...renderMinimalRepository(world, repository),
    git_url: `git:${page.replace(/^https?:/, '')}.git`,
    ssh_url: `git@${new URL(world.url).hostname}:${fullName(repository)}.git`,
    clone_url: `${page}.git`,
    svn_url: page,
    homepage: null,
    size: repository.sizeKb,
    stargazers_count: 0,
    watchers_count: 0,
    language: null,
    has_issues: true,
    has_projects: true,
    has_downloads: true,
    has_wiki: true,
    has_pages: false,
    has_discussions: false,
    has_pull_requests: repository.pullRequests,
    forks_count: forksOf(world, repository).length,
    mirror_url: null,
    archived: repository.archived,
    disabled: false,
    open_issues_count: open,
    license: null,
    allow_forking: true,
    is_template: false,
    web_commit_signoff_required: false,
    topics: [],
    visibility: repository.private ? 'private' : 'public',
    forks: forksOf(world, repository).length,
    open_issues: open,
    watchers: 0,
    default_branch: repository.defaultBranch,
    created_at: isoSeconds(repository.createdAt),
    updated_at: isoSeconds(repository.pushedAt),
    pushed_at: isoSeconds(repository.pushedAt),
    ...(caller === undefined ? {} : { permissions: permissionsOf(repository, caller) }),
  }
}

/** GitHub's `full-repository`, as `GET /repos/{owner}/{repo}` answers. */
export function renderFullRepository(world: World, repository: RepositoryRecord, caller: Caller): object {
  const { forkOf } = repository
  const origin = forkOf && renderRepository(world, forkOf)
  return {
    ...renderRepository(world, repository, caller),
    network_count: forksOf(world, repository).length,
    subscribers_count: 0,
    ...(origin === undefined ? {} : { parent: origin, source: origin }),
  }
}

/** The repository's address in the API. */
export function repositoryUrl(world: World, repository: RepositoryRecord): string {
  return `${world.apiUrl}/repos/${fullName(repository)}`
}

/** The repository's address for people. */
export function repositoryPage(world: World, repository: RepositoryRecord): string {
  return `${world.url}/${fullName(repository)}`
}

function forksOf(world: World, repository: RepositoryRecord): RepositoryRecord[] {
  return [...world.repositories.values()].filter((candidate) => candidate.forkOf === repository)
}

function permissionsOf(repository: RepositoryRecord, caller: Caller) {
  const may = (role: Parameters<typeof hasRole>[2], account: Account) => hasRole(repository, account, role)
  switch (caller.kind) {
    case 'anonymous':
    case 'app':
      return { admin: false, maintain: false, push: false, triage: false, pull: true }
    case 'installation':
      return {
        admin: false,
        maintain: false,
        push: covers(caller.token.permissions.contents, 'write'),
        triage: false,
        pull: true,
      }
    case 'user':
      return {
        admin: may('admin', caller.account),
        maintain: may('maintain', caller.account),
        push: may('write', caller.account),
        triage: may('triage', caller.account),
        pull: true,
      }
  }
}
