// SPDX-License-Identifier: MPL-2.0

package bits

// comResults are codes of COM, of .NET and of Windows Update that users of BITS meet, in the order of their values. Names and
// values: winerror.h, corerror.h and wuerror.h; the meanings are our own words.
var comResults = []Entry{
	{0x8000000A, "E_PENDING", "the data is not available yet", KindTransient},
	{0x80004001, "E_NOTIMPL", "BITS does not implement this value", KindUsage},
	{0x80004002, "E_NOINTERFACE", "this version of BITS does not have a required interface", KindFatal},
	{0x80004003, "E_POINTER", "a pointer is not valid", KindFatal},
	{0x80004004, "E_ABORT", "the operation was aborted", KindTransient},
	{0x80004005, "E_FAIL", "an error without a description", KindFatal},
	{0x8000FFFF, "E_UNEXPECTED", "an unexpected failure", KindFatal},
	{0x80010001, "RPC_E_CALL_REJECTED", "the service rejected the call", KindTransient},
	{0x80010002, "RPC_E_CALL_CANCELED", "the call was cancelled", KindTransient},
	{0x80010007, "RPC_E_SERVER_DIED", "the service ended during the call", KindTransient},
	{0x80010105, "RPC_E_SERVERFAULT", "the service failed during the call", KindTransient},
	{0x80010108, "RPC_E_DISCONNECTED", "the BITS service ended while it was in use", KindTransient},
	{0x8001010A, "RPC_E_SERVERCALL_RETRYLATER", "the service is busy", KindTransient},
	{0x8001011F, "RPC_E_TIMEOUT", "the service did not respond in time", KindTransient},
	{0x80040154, "REGDB_E_CLASSNOTREG", "BITS is not registered with COM on the host", KindFatal},
	{0x80040155, "REGDB_E_IIDNOTREG", "an interface of BITS is not registered with COM on the host", KindFatal},
	{0x800401F0, "CO_E_NOTINITIALIZED", "COM was not initialized", KindFatal},
	{0x80080005, "CO_E_SERVER_EXEC_FAILURE", "COM could not start the BITS service", KindTransient},
	{0x80131500, "COR_E_EXCEPTION", "a .NET error", KindFatal},
	{0x80131501, "COR_E_SYSTEM", "a .NET error", KindFatal},
	{0x80131502, "COR_E_ARGUMENTOUTOFRANGE", "a .NET value is out of range", KindUsage},
	{0x80131505, "COR_E_TIMEOUT", "a .NET operation took too long", KindTransient},
	{0x80131509, "COR_E_INVALIDOPERATION", "a .NET operation that the state of the object does not allow", KindFatal},
	{0x80131515, "COR_E_NOTSUPPORTED", "an operation that .NET does not support", KindUsage},
	{0x80131527, "COR_E_INVALIDCOMOBJECT", "the object of the job is no longer valid", KindTransient},
	{0x80131537, "COR_E_FORMAT", "a text does not have the format that .NET expects", KindUsage},
	{0x80131620, "COR_E_IO", "a .NET input or output error", KindFatal},
	{0x80131622, "COR_E_OBJECTDISPOSED", "the object of the job no longer exists", KindTransient},
	{0x8024402C, "WU_E_PT_WINHTTP_NAME_NOT_RESOLVED", "the name of the server, or of the proxy, was not found", KindTransient},
	{0x80246005, "WU_E_DM_NONETWORK", "Windows Update found no network", KindTransient},
	{0x80246006, "WU_E_DM_WRONGBITSVERSION", "Windows Update requires another version of BITS", KindFatal},
	{0x80246007, "WU_E_DM_NOTDOWNLOADED", "the update has not been downloaded", KindFatal},
	{0x80246008, "WU_E_DM_FAILTOCONNECTTOBITS", "Windows Update did not reach the BITS service: it is stopped or disabled", KindFatal},
	{0x80246009, "WU_E_DM_BITSTRANSFERERROR", "BITS reported an error that Windows Update does not know", KindFatal},
	{0x8024600A, "WU_E_DM_DOWNLOADLOCATIONCHANGED", "the download location of the update changed", KindFatal},
	{0x8024600B, "WU_E_DM_CONTENTCHANGED", "the content of the update changed", KindFatal},
	{0x8024600F, "WU_E_DM_BG_ERROR_TOKEN_REQUIRED", "the download of the update requires a helper token", KindFatal},
	{0x80246FFF, "WU_E_DM_UNEXPECTED", "an unexpected error in the download manager of Windows Update", KindFatal},
}

// vague are codes that name no cause: the host's own words may say more.
var vague = map[HResult]bool{
	0x80004005: true, 0x8000FFFF: true, 0x80070001: true, 0x8007001F: true, 0x80070490: true, 0x800703E3: true, 0x800704B8: true, 0x80072EE4: true,
	0x80090304: true, 0x80131500: true, 0x80131501: true, 0x80131505: true, 0x80131509: true, 0x80131515: true, 0x80131537: true, 0x80131620: true,
	0x80200053: true, 0x80246009: true, 0x80246FFF: true,
}

// Vague reports whether the code names no cause, so that the host's own words are needed beside ours.
func (h HResult) Vague() bool { return vague[h] }
