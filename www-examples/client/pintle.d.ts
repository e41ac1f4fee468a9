/** A person, as pintle's answers describe one. */
export interface User {
  id: string;
  name: string;
  groups: string[];
}

/** This browser's session. */
export interface Session {
  id: string;
  device: string;
  user_agent: string;
  ip: string;
  created_at: string;
  last_seen_at: string;
  expires_at: string;
  current: boolean;
}

/** Why the answer is no: a code of RFC 6749 or pintle's own, the reason of the end of a session, a sentence to show. */
export interface Why {
  error?: string;
  reason?: string;
  text?: string;
  /** Seconds to wait before the next try. */
  retryAfter?: number;
}

export interface In extends Why {
  state: "in";
  user: User;
  session: Session;
}

/** "unknown" is the state until the first question was answered. */
export interface Out extends Why {
  state: "out" | "unknown";
  user?: undefined;
  session?: undefined;
}

/** Nothing is known to have changed: the network or the server failed. */
export interface Unreachable extends Why {
  state: "unreachable";
  user?: User;
  session?: Session;
}

/** The password was right, and the code of the second factor is wanted. */
export interface WantsCode extends Why {
  state: "otp";
  proceed(code: string): Promise<SignedIn>;
}

/** The account needs a second factor first: proceed leads to the page that sets it up, and back to this one. */
export interface WantsEnrolment extends Why {
  state: "enrol";
  proceed(): void;
}

export interface Refused extends Why {
  state: "refused";
}

export type SignedIn = In | Out | WantsCode | WantsEnrolment | Refused | Unreachable;

export interface Credentials {
  username: string;
  password: string;
  /** A name for this device. */
  device?: string;
  /** Stay signed in when the browser is closed. */
  remember?: boolean;
  /** The code of the second factor, where it is known already. */
  otp?: string;
}

export interface Options {
  /** The path of pintle on this site. By default the folder of client.js, or "/auth". */
  mount?: string;
  /** Other origins whose services get the token. */
  origins?: string[];
}

/** Fires "change" when somebody is signed in or out, here or in another tab. */
export class Pintle extends EventTarget {
  constructor(options?: Options);
  readonly mount: string;
  readonly state: "unknown" | "in" | "out";
  readonly user?: User;
  readonly session?: Session;
  readonly reason?: string;
  readonly text?: string;
  /** Asks whether somebody is signed in, and for a new token; tabs that ask at once ask once. */
  refresh(): Promise<In | Out | Unreachable>;
  signIn(who: Credentials): Promise<SignedIn>;
  /** Signs out this browser, in all tabs. */
  signOut(): Promise<In | Out | Unreachable>;
  /** An access token, or null. */
  token(): Promise<string | null>;
  fetch(input: RequestInfo | URL, init?: RequestInit): Promise<Response>;
}

declare const pintle: Pintle;
export default pintle;
