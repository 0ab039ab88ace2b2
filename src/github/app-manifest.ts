/** One permission that the App asks for, or one event that it listens to. */
export interface AppNeed {
  readonly name: string
  /** False if runs work without it. */
  readonly needed: boolean
  /** What is missing without it, as the end of the sentence "Without it, …". */
  readonly without: string
}

interface PermissionNeed extends AppNeed {
  readonly level: 'read' | 'write'
}

/** The permissions of the App. `app.yml`, the manifest and the checklist follow this list. */
export const APP_PERMISSIONS = [
  need('contents', 'write', 'no code can be read and no branch can be pushed'),
  need('pull_requests', 'write', 'no pull request can be opened or updated'),
  need('issues', 'write', 'Backspace cannot comment or react'),
  need('checks', 'write', 'commits and proved pull requests get no check run with the verdict', false),
  need('metadata', 'read', 'repositories have no name and people no role'),
] as const

/** The events that GitHub reports to the App by webhooks. */
export const APP_EVENTS = [
  event('issue_comment', 'comments start nothing'),
  event('issues', 'the label starts nothing'),
  event('pull_request', 'the label on pull requests starts nothing, and their outcomes are not counted'),
  event('pull_request_review', 'summaries of reviews start nothing'),
  event('pull_request_review_comment', 'comments on lines of a pull request start nothing'),
  event('push', 'reverted pull requests are not counted among the outcomes', false),
] as const

function need(name: string, level: PermissionNeed['level'], without: string, needed = true): PermissionNeed {
  return { name, level, needed, without }
}

function event(name: string, without: string, needed = true): AppNeed {
  return { name, needed, without }
}

export interface ManifestWishes {
  /** At most 34 characters, and not yet taken on GitHub. A person may change the name on GitHub's page. */
  readonly name: string
  /** The page that GitHub shows as the App's home. */
  readonly homepage: string
  /** Full address that webhooks are sent to. */
  readonly webhookUrl: string
  /** Where GitHub sends the browser with the code that becomes the credentials. */
  readonly redirectUrl: string
  /** Where GitHub sends the browser after the App was installed. */
  readonly setupUrl: string
  /** Where "Sign in with GitHub" may return to. */
  readonly callbackUrls: readonly string[]
}

export const LONGEST_APP_NAME = 34
const APP_DESCRIPTION = 'Comment /backspace on an issue or pull request and get a pull request with proof.'

/**
 * The form from which GitHub creates the App.
 * https://docs.github.com/en/apps/sharing-github-apps/registering-a-github-app-from-a-manifest
 */
export function appManifest({
  name,
  homepage,
  webhookUrl,
  redirectUrl,
  setupUrl,
  callbackUrls,
}: ManifestWishes) {
  return {
    name,
    url: homepage,
    description: APP_DESCRIPTION,
    public: false,
    hook_attributes: { url: webhookUrl, active: true },
    redirect_url: redirectUrl,
    setup_url: setupUrl,
    callback_urls: callbackUrls,
    request_oauth_on_install: false,
    default_events: APP_EVENTS.map(({ name }) => name),
    default_permissions: Object.fromEntries(APP_PERMISSIONS.map(({ name, level }) => [name, level])),
  }
}

/**
 * The address to which the browser posts the manifest.
 *
 * @param webUrl `https://github.com`, or the Enterprise Server's address.
 * @param organization owner of the App; undefined for the person who is signed in at GitHub.
 */
export function manifestTarget(webUrl: string, organization: string | undefined): string {
  return organization === undefined
    ? `${webUrl}/settings/apps/new`
    : `${webUrl}/organizations/${encodeURIComponent(organization)}/settings/apps/new`
}
