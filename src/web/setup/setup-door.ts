import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import { BoundedMap } from '../../memory/bounded-map.ts'

/** Where the credentials of a new App go: stored in DATA_DIR, or shown once. */
export type Keeping = 'stored' | 'shown'

/**
 * Lets one person set up a service that others can reach: only someone who can read the terminal knows the code, and the
 * code is exchanged for a cookie. It also remembers which redirects to GitHub began here. All of this is only in memory.
 */
export interface SetupDoor {
  /** The code that works now, as people type it; undefined after it was used, and where none is needed. */
  code(): string | undefined
  /** Makes the first code, if there was none yet, and passes it to the listener. */
  arm(onCode: (code: string) => void): void
  /**
   * Tries a code, which works once. Wrong tries never invalidate it: with 10^17 possible codes, guessing is hopeless, and a
   * code that changed could lock its owner out.
   *
   * @returns the value of the cookie; undefined for a wrong code.
   */
  enter(text: string): string | undefined
  /** Whether a cookie is one of ours and has not expired. */
  isOpenFor(cookie: string | undefined): boolean
  /** Closes the door: no code works any more. Cookies last until they expire. */
  close(): void
  /** Makes a state for a redirect to GitHub. @param holder the browser; only the same one may come back with the state. */
  depart(trip: Departure): string
  /** Uses up a state and returns its trip; undefined for a state that is unknown, used, too old, or of another browser. */
  arrive(state: string, holder: string): Trip | undefined
  /** Lets a state be used once more within its hour, because GitHub could not be asked. */
  putBack(state: string, trip: Trip): void
}

interface Departure {
  readonly holder: string
  readonly keeping: Keeping
}

interface Trip extends Departure {
  /** Milliseconds since the epoch. */
  readonly until: number
}

/** The characters of a code, without letters and digits that look alike. */
const ALPHABET = '23456789ABCDEFGHJKMNPQRSTVWXYZ'
const GROUPS = 3
const GROUP_LENGTH = 4
export const SETUP_SECONDS = 2 * 3600
/** How long a state is valid, which is as long as GitHub's own code. */
const TRIP_MS = 60 * 60_000
/** Most trips in memory; each load of the page begins one. */
const MOST_TRIPS = 200

export function createSetupDoor(now: () => number = Date.now): SetupDoor {
  const key = randomBytes(32)
  const trips = new BoundedMap<string, Trip>(MOST_TRIPS)
  let code: string | undefined
  let isClosed = false

  function sign(until: string): Buffer {
    return createHmac('sha256', key).update(`backspace setup ${until}`).digest()
  }

  return {
    code: () => code,

    arm(onCode) {
      if (code !== undefined || isClosed) return
      code = newCode()
      onCode(code)
    },

    enter(text) {
      if (code === undefined || !timingSafeEqual(digest(text), digest(code))) return undefined
      code = undefined
      isClosed = true
      const until = String(now() + SETUP_SECONDS * 1000)
      return `${until}.${sign(until).toString('hex')}`
    },

    isOpenFor(cookie) {
      const [, until, proof] = /^(\d{1,16})\.([0-9a-f]{64})$/.exec(cookie ?? '') ?? []
      if (until === undefined || proof === undefined) return false
      return timingSafeEqual(sign(until), Buffer.from(proof, 'hex')) && Number(until) > now()
    },

    close() {
      code = undefined
      isClosed = true
    },

    depart(trip) {
      const state = randomBytes(32).toString('base64url')
      trips.set(hash(state), { ...trip, until: now() + TRIP_MS })
      return state
    },

    arrive(state, holder) {
      const found = trips.get(hash(state))
      trips.delete(hash(state))
      if (!found || found.until <= now() || found.holder !== holder) return undefined
      return found
    },

    putBack(state, trip) {
      trips.set(hash(state), trip)
    },
  }
}

function newCode(): string {
  const letters = Array.from(randomBytes(GROUPS * GROUP_LENGTH * 2).values())
    // Uses only those of the 256 values that make every character equally likely.
    .filter((byte) => byte < ALPHABET.length * Math.floor(256 / ALPHABET.length))
    .slice(0, GROUPS * GROUP_LENGTH)
    .map((byte) => ALPHABET[byte % ALPHABET.length])
    .join('')
  if (letters.length < GROUPS * GROUP_LENGTH) return newCode()
  return (letters.match(new RegExp(`.{${GROUP_LENGTH}}`, 'g')) ?? []).join('-')
}

/** The digest of a typed code, without regard to case, spaces and hyphens. Digests have the same length, whatever was typed. */
function digest(text: string): Buffer {
  return createHash('sha256')
    .update(text.toUpperCase().replaceAll(/[^0-9A-Z]/g, ''))
    .digest()
}

/** States are found by their hash, so that the time of the search says nothing about them. */
function hash(state: string): string {
  return createHash('sha256').update(state).digest('hex')
}
