"""Why keys have no effect or are refused, where several share a reason."""

NO_JVM = "a setting of the Java virtual machine or of Jetty, and the worker has neither"
NO_METADATA_STORE = "the worker opens no metadata store; it asks the broker who may do what"
NO_DLOG = "packages are not DistributedLog streams here; on topics, the policies of their namespace count"
NO_SASL = "Kerberos (SASL) is not available here, and authenticationProviders refuses its classes"
NO_KEY_STORES = "key stores are Java's; give PEM files in tlsCertificateFilePath, tlsKeyFilePath, tlsTrustCertsFilePath"
