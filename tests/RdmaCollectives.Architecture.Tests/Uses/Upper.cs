namespace RdmaCollectives.Architecture.Tests.Uses.Upper;

internal class Service : IService
{
    public static readonly object Shared = new();

    public static int Call(object? value) => value is null ? 0 : 1;
}

internal interface IService;

internal sealed class ServiceException : Exception;
