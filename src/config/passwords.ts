import type { RouteSettings, StoreSettings } from './config.ts';

/** A route's settings without what opens its keys and stores: once those are read, what runs needs none of it. */
export function withoutPasswords(route: RouteSettings): RouteSettings {
  const { passphrase: _passphrase, keystore, truststore, ...tls } = route.tls;
  return {
    ...route,
    tls: {
      ...tls,
      ...(keystore !== undefined && { keystore: closed(keystore) }),
      ...(truststore !== undefined && { truststore: closed(truststore) }),
    },
  };
}

function closed<S extends StoreSettings & { keyPassword?: string }>(store: S): Omit<S, 'password' | 'keyPassword'> {
  const { password: _password, keyPassword: _keyPassword, ...rest } = store;
  return rest;
}
