"""The format of the national system (SNE): `interfaceNuu` 02.00 and 02.01, read and written, and its web service.

Neither the schema nor the WSDL is public. Names of elements come from a published test file (JDD-XML, interface 02.00)
and from a public client of 2017 (libsne, interface 02.01); those that no source shows are marked so (`mapping.UNSEEN`).
"""
