import { knownError } from '../errors.ts'
import type { InstallationFacts } from '../github/app-facts.ts'
import { counted } from '../text/amounts.ts'
import type { AppLook } from './app-look.ts'
import type { Said } from './finding.ts'

/** Most accounts that are named, and whose repositories are counted. */
const MOST_NAMED = 20
const NOWHERE = 'Until it is installed on a repository, Backspace can neither read nor answer there.'

/** Where the App is installed, and on how many repositories. */
export async function checkInstallations(look: AppLook | undefined): Promise<Said> {
  if (!look) return { state: 'not_set', fact: 'there is no App to install' }
  const facts = await look.facts().catch(() => undefined)
  if (!facts) return { state: 'waiting', fact: 'known once GitHub knows the App' }
  const all = await look.installations()
  const install = { url: facts.installUrl, text: 'Install the App' }
  if (all.length === 0)
    return {
      state: 'waiting',
      fact: 'not installed anywhere yet',
      costs: NOWHERE,
      next: 'Install it on an account, and choose the repositories.',
      link: install,
    }
  const active = all.filter(({ suspended }) => !suspended)
  const [suspended] = all.filter((each) => each.suspended)
  const asleep = all.filter((each) => each.suspended).map(({ account }) => account)
  if (active.length === 0 && suspended)
    return {
      state: 'broken',
      fact: `suspended on ${asleep.join(', ')}`,
      costs: NOWHERE,
      next: 'An owner unsuspends it on the page of the installation.',
      link: { url: suspended.settingsUrl, text: `Installation on ${suspended.account}` },
    }
  const named = active.slice(0, MOST_NAMED)
  const counts = await Promise.all(named.map((each) => describeOne(look, each)))
  const empty = counts.every(({ count }) => count === 0)
  const more = active.length > named.length ? ` and ${active.length - named.length} more accounts` : ''
  const also = asleep.length === 0 ? '' : `; suspended on ${asleep.join(', ')}`
  return {
    state: empty ? 'waiting' : 'ok',
    fact: `${counts.map(({ text }) => text).join(', ')}${more}${also}`,
    costs: empty ? NOWHERE : undefined,
    next: empty ? 'Choose repositories on the page of the installation.' : undefined,
    link:
      empty && named[0]
        ? { url: named[0].settingsUrl, text: `Installation on ${named[0].account}` }
        : undefined,
  }
}

async function describeOne(look: AppLook, installation: InstallationFacts) {
  const { account } = installation
  try {
    const count = await look.repositories(installation)
    return {
      count,
      text: `${account} (${counted(count, 'repository')})`,
    }
  } catch (error) {
    // The account is what matters; the number of its repositories may be missing.
    if (!knownError(error)) throw error
    return { count: undefined, text: account }
  }
}
