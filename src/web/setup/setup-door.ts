import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto'

/** What becomes of the credentials of a new App. */
export type Keeping = 'stored' | 'shown'

/**
 * Lets one person set up a service that others can reach: who reads the terminal has the code, and a code becomes a cookie.
 * It also remembers which trips to GitHub began here. Everything is in memory and dies with the process.
 */
export interface SetupDoor {
  /** The code that opens the door now, as people type it; undefined after it was used, and where none is needed. */
  code(): string | undefined
  /** Makes a code, if there never was one, and tells the listener. */
  arm(onCode: (code: string) => void): void
  /**
   * Tries a code, which works once. No number of wrong tries spoils it: there are 10^17 codes, so guessing is hopeless at any
   * rate, and a code that changed could keep its owner out.
   *
   * @returns the value of the cookie; undefined for a wrong code.
   */
  enter(text: string): string | undefined
  /** Whether a cookie is one of ours and has not expired. */
  isOpenFor(cookie: string | undefined): boolean
  /** No code opens the door any more; cookies last until they expire. */
  close(): void
  /** A new state for a trip to GitHub. @param holder who makes it: only the same one may come back with it. */
  depart(trip: Departure): string
  /** The trip of a state, which counts once; undefined for a state that is unknown, used, too old, or of someone else. */
  arrive(state: string, holder: string): Trip | undefined
  /** The same state counts once more, within its hour: GitHub could not be asked. */
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

/** Without letters and digits that look alike. */
const ALPHABET = '23456789ABCDEFGHJKMNPQRSTVWXYZ'
const GROUPS = 3
const GROUP_LENGTH = 4
export const SETUP_SECONDS = 2 * 3600
/** GitHub's code lives as long. */
const TRIP_MS = 60 * 60_000
/** Trips in memory: each drawing of the page begins one. */
const MOST_TRIPS = 200

export function createSetupDoor(now: () => number = Date.now): SetupDoor {
  const key = randomBytes(32)
  const trips = new Map<string, Trip>()
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
      const [oldest] = trips.keys()
      if (trips.size > MOST_TRIPS && oldest !== undefined) trips.delete(oldest)
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
    // Of the 256 values only those that fall on each letter equally often.
    .filter((byte) => byte < ALPHABET.length * Math.floor(256 / ALPHABET.length))
    .slice(0, GROUPS * GROUP_LENGTH)
    .map((byte) => ALPHABET[byte % ALPHABET.length])
    .join('')
  if (letters.length < GROUPS * GROUP_LENGTH) return newCode()
  return (letters.match(new RegExp(`.{${GROUP_LENGTH}}`, 'g')) ?? []).join('-')
}

/** Of what people type: case, spaces and hyphens do not count. Digests are of one length, whatever was typed. */
function digest(text: string): Buffer {
  return createHash('sha256')
    .update(text.toUpperCase().replaceAll(/[^0-9A-Z]/g, ''))
    .digest()
}

/** States are found by their hash, so that the time of the search says nothing about them. */
function hash(state: string): string {
  return createHash('sha256').update(state).digest('hex')
}
